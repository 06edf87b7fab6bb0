# SPDX-License-Identifier: Apache-2.0
# Libraries that our sources open by name. The cuDNN kernel opens cuDNN and the CUDA runtime, and then calls neither: its
# calls go to the stand-ins in the program. `cuda_host_names` has empty libraries of these names loaded before, so that
# a machine without the real ones gets as far, and one that has them does not load them. NVML's is a stand-in itself.
file(STRINGS ${CUDA_HEADERS}/cuda_runtime_api.h version REGEX "define CUDART_VERSION +[0-9]+")
string(REGEX REPLACE ".* ([0-9]+)[0-9][0-9][0-9]$" "\\1" major "${version}")
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/names/empty.cpp CONTENT "")
add_library(cuda_host_names INTERFACE)
target_link_libraries(cuda_host_names INTERFACE -Wl,--push-state,--no-as-needed)
foreach(library cudnn.9 cudart.${major} nvidia-ml.1)
  string(REPLACE "." ";" parts ${library})
  list(GET parts 0 name)
  list(GET parts 1 version)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/names/empty.cpp)
  if(name STREQUAL "nvidia-ml")
    set(source nvml_host.cpp)
  endif()
  add_library(cuda_host_${name} SHARED ${source})
  set_target_properties(cuda_host_${name} PROPERTIES OUTPUT_NAME ${name} SOVERSION ${version}
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/names)
  target_link_libraries(cuda_host_names INTERFACE cuda_host_${name})
endforeach()
target_link_libraries(cuda_host_names INTERFACE -Wl,--pop-state)
