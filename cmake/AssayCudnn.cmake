# SPDX-License-Identifier: Apache-2.0
# Where the headers of cuDNN and of its C++ frontend are found, attention and convolutions can run through it. Neither
# library is linked: cuDNN is opened at run time. Without the headers those kernels say that they are not in this build.
find_path(CUDNN_FRONTEND_INCLUDE cudnn_frontend.h
  HINTS ${PROJECT_BINARY_DIR}/_cudnn_frontend/include ${PROJECT_SOURCE_DIR}/build/_cudnn_frontend/include)
find_path(CUDNN_INCLUDE cudnn.h HINTS ${CUDAToolkit_INCLUDE_DIRS})
if(CUDNN_FRONTEND_INCLUDE AND CUDNN_INCLUDE)
  # -O1: the longest of our files to compile take a third less, and a launch of theirs is recorded once and replayed.
  set_source_files_properties(${PROJECT_SOURCE_DIR}/kernels/attention_prefill/attention_prefill_cuda_cudnn.cpp
                              ${PROJECT_SOURCE_DIR}/kernels/conv2d/cuda/conv2d_cuda_cudnn.cpp
                              ${PROJECT_SOURCE_DIR}/src/device/cuda/cudnn_library.cpp
    PROPERTIES COMPILE_DEFINITIONS
                 "ASSAY_CUDNN_FRONTEND;NV_CUDNN_FRONTEND_USE_DYNAMIC_LOADING;CUDNN_FRONTEND_SKIP_JSON_LIB"
               COMPILE_OPTIONS "-O1;-isystem;${CUDNN_FRONTEND_INCLUDE};-isystem;${CUDNN_INCLUDE}")
endif()
message(STATUS "cuDNN: ${CUDNN_FRONTEND_INCLUDE} ${CUDNN_INCLUDE}")
