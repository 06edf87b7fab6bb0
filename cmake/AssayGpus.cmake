# SPDX-License-Identifier: Apache-2.0
# assay_gpu_architectures(out asked): the architectures to compile for. `native` is those of the GPUs here, as the driver
# names them (nvidia-smi), and 90 alone where there is none: one is enough to see that the sources compile, and each
# more takes as long again. Whoever builds for other machines names a list, as the preset `cuda` does. CMake's own
# `native` is not asked: it fails without a GPU, and takes GPUs that the kernels do not run on.
set(ASSAY_OLDEST_GPU 80)  # Ampere: the first with bf16, and with copies that run beside the arithmetic

function(assay_gpu_architectures out asked)
  if(NOT asked STREQUAL "native")
    set(${out} ${asked} PARENT_SCOPE)
    return()
  endif()
  find_program(ASSAY_NVIDIA_SMI nvidia-smi HINTS /usr/lib/wsl/lib NO_CACHE)
  set(said "")
  if(ASSAY_NVIDIA_SMI)
    execute_process(COMMAND ${ASSAY_NVIDIA_SMI} --query-gpu=compute_cap --format=csv,noheader
      OUTPUT_VARIABLE said ERROR_QUIET TIMEOUT 60)
  endif()
  string(REPLACE "\n" ";" found "${said}")
  list(FILTER found INCLUDE REGEX "^[0-9]+\\.[0-9]$")  # what else it says is why there is none
  list(TRANSFORM found REPLACE "\\." "")
  list(REMOVE_DUPLICATES found)
  list(SORT found COMPARE NATURAL)
  set(served "")
  foreach(architecture IN LISTS found)
    if(architecture LESS ASSAY_OLDEST_GPU)
      message(STATUS "A GPU here is sm_${architecture}: the CUDA kernels need sm_${ASSAY_OLDEST_GPU} or later")
    else()
      list(APPEND served ${architecture})
    endif()
  endforeach()
  if(NOT served)
    set(served 90)
  endif()
  set(${out} ${served} PARENT_SCOPE)
endfunction()
