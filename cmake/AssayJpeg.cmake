# SPDX-License-Identifier: Apache-2.0
# JPEG::JPEG is libjpeg-turbo: its libjpeg of the system, or its source, built beside ours. Its CMakeLists.txt refuses
# to be part of another project, so it is built as a project of its own, once, while ours is configured.
function(assay_jpeg_of_the_system)
  find_package(PkgConfig QUIET)
  if(CMAKE_DISABLE_FIND_PACKAGE_JPEG OR NOT PKG_CONFIG_FOUND)
    return()
  endif()
  pkg_check_modules(libjpeg QUIET IMPORTED_TARGET libjpeg)
  if(NOT libjpeg_FOUND)
    return()
  endif()
  # Others provide this interface too (IJG's own, MozJPEG), several times as slow.
  include(CheckCXXSourceCompiles)
  set(CMAKE_REQUIRED_LIBRARIES PkgConfig::libjpeg)
  set(CMAKE_REQUIRED_QUIET ON)
  check_cxx_source_compiles("
    #include <cstddef>
    #include <cstdio>
    #include <jpeglib.h>
    #ifndef LIBJPEG_TURBO_VERSION_NUMBER
    #error
    #endif
    int main() { return LIBJPEG_TURBO_VERSION_NUMBER < 2001000 || LIBJPEG_TURBO_VERSION_NUMBER >= 4000000; }"
    ASSAY_LIBJPEG_IS_TURBO)
  if(NOT ASSAY_LIBJPEG_IS_TURBO)
    message(FATAL_ERROR "libjpeg ${libjpeg_VERSION} is installed, and it is not libjpeg-turbo: install that (Debian: "
      "libjpeg-dev), or have CMake fetch ${ASSAY_JPEG_TAG} with -DCMAKE_DISABLE_FIND_PACKAGE_JPEG=ON")
  endif()
  if(libjpeg_VERSION VERSION_LESS 2.1 OR NOT libjpeg_VERSION VERSION_LESS 4)
    message(FATAL_ERROR "libjpeg-turbo ${libjpeg_VERSION} is installed, and assay needs at least 2.1, below 4: install "
      "such a one, or have CMake fetch ${ASSAY_JPEG_TAG} with -DCMAKE_DISABLE_FIND_PACKAGE_JPEG=ON")
  endif()
  add_library(JPEG::JPEG INTERFACE IMPORTED GLOBAL)
  target_link_libraries(JPEG::JPEG INTERFACE PkgConfig::libjpeg)
  set_target_properties(PkgConfig::libjpeg PROPERTIES IMPORTED_GLOBAL ON)
endfunction()

function(assay_jpeg_step)
  execute_process(COMMAND ${CMAKE_COMMAND} ${ARGN} OUTPUT_VARIABLE said ERROR_VARIABLE said RESULT_VARIABLE code)
  if(code)
    message(FATAL_ERROR "libjpeg-turbo ${ASSAY_JPEG_TAG} does not build:\n${said}")
  endif()
endfunction()

function(assay_jpeg_from_source)
  FetchContent_Declare(libjpeg_turbo GIT_REPOSITORY https://github.com/libjpeg-turbo/libjpeg-turbo.git
    GIT_TAG ${ASSAY_JPEG_TAG} GIT_SHALLOW ON SOURCE_SUBDIR none)
  FetchContent_MakeAvailable(libjpeg_turbo)
  set(made ${PROJECT_BINARY_DIR}/_libjpeg_turbo)
  set(library ${made}/lib/libjpeg.a)
  if(NOT EXISTS ${library})
    find_program(NASM NAMES nasm yasm)
    if(NOT NASM AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
      message(WARNING "no nasm or yasm: libjpeg-turbo is built without its vector code, several times as slow")
    endif()
    assay_jpeg_step(-S ${libjpeg_turbo_SOURCE_DIR} -B ${made}/build -G ${CMAKE_GENERATOR} -DCMAKE_BUILD_TYPE=Release
      -DENABLE_SHARED=OFF -DWITH_TURBOJPEG=OFF -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DCMAKE_INSTALL_PREFIX=${made}
      -DCMAKE_INSTALL_LIBDIR=${made}/lib)
    assay_jpeg_step(--build ${made}/build --target install)
  endif()
  add_library(JPEG::JPEG STATIC IMPORTED GLOBAL)
  set_target_properties(JPEG::JPEG PROPERTIES IMPORTED_LOCATION ${library}
    INTERFACE_INCLUDE_DIRECTORIES ${made}/include)
endfunction()

set(ASSAY_JPEG_TAG 2.1.5.1)
assay_jpeg_of_the_system()
if(NOT TARGET JPEG::JPEG)
  assay_jpeg_from_source()
endif()
