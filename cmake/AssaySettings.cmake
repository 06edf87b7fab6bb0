# SPDX-License-Identifier: Apache-2.0
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")  # -O3 takes a third longer to compile; the CPU kernels ask for it
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})  # build/assay
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})  # the backend library lies beside it

find_program(CCACHE ccache)
if(CCACHE)
  # Sloppy as precompiled headers need it (ccache's manual, "Precompiled headers").
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
  set(CMAKE_CUDA_COMPILER_LAUNCHER ${CCACHE})
endif()

# Every target of ours links this: warnings and sanitizers, and the include roots.
add_library(assay_settings INTERFACE)
target_include_directories(assay_settings INTERFACE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR})
# -fPIC: the CUDA backend is a shared library made of the same static parts. Spelled out, since CMake's own property
# would give programs -fPIE, and a precompiled header serves one of the two.
target_compile_options(assay_settings INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fPIC -fopenmp>)
target_link_options(assay_settings INTERFACE -fopenmp)
# Left out: fields that a designated initialiser leaves at their defaults, on purpose; and what GCC 12 to 14 raise
# inside std::string and std::variant-like code of the libraries once they inline it (GCC bugs 105651, 105329, 105562).
target_compile_options(assay_settings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wno-missing-field-initializers>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,15>>:-Wno-restrict -Wno-stringop-overflow -Wno-array-bounds -Wno-maybe-uninitialized>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:${ASSAY_WERROR}>>:-Werror>
  $<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-Wall,-Wextra,-Wno-missing-field-initializers>
  $<$<AND:$<COMPILE_LANGUAGE:CUDA>,$<BOOL:${ASSAY_WERROR}>>:-Werror=all-warnings -Xcompiler=-Werror>)
if(ASSAY_SANITIZE)
  target_compile_options(assay_settings INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${ASSAY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer>)
  target_link_options(assay_settings INTERFACE -fsanitize=${ASSAY_SANITIZE})
  if(ASSAY_SANITIZE MATCHES "address.*undefined")
    # What these would find AddressSanitizer finds, and they take a quarter of the time to compile. Kernels load vectors from
    # anywhere on purpose: to check each of them doubles theirs. Behind -fsanitize, which would ask for them again.
    target_compile_options(assay_settings INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize=null,object-size,pointer-overflow>
      $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<STREQUAL:$<TARGET_PROPERTY:NAME>,assay_cpu>>:-fno-sanitize=alignment>)
  endif()
endif()

# Parsing nlohmann/json, fmt and the standard library takes longer than compiling most of our files: it is done
# once, for assay_base, and used by every target that says so. All of them get the same flags, OpenMP's too.
set(ASSAY_PRECOMPILED <nlohmann/json.hpp> <fmt/format.h> <algorithm> <cmath> <filesystem> <functional> <map> <memory>
                       <optional> <set> <span> <string> <string_view> <vector>)
function(assay_precompiled name)
  if(name STREQUAL "assay_base")
    target_precompile_headers(assay_base PRIVATE ${ASSAY_PRECOMPILED})
  else()
    target_precompile_headers(${name} REUSE_FROM assay_base)
  endif()
endfunction()

# What files share (templates, JSON, structs copied and destroyed) is compiled once for some of them instead of once for each: a
# build of everything takes half as long, one after a small change longer. Test files have a namespace each for it.
option(ASSAY_UNITY "Compile the files of a layer, and of its tests, a few at a time" OFF)
function(assay_compiled_together name)
  if(ASSAY_UNITY)
    set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
  endif()
endfunction()

# assay_layer(name deps...): a static library of the .cpp files of the current folder.
function(assay_layer name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC assay_settings ${ARGN})
  assay_precompiled(${name})
  assay_compiled_together(${name})
endfunction()
