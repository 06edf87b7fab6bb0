# SPDX-License-Identifier: Apache-2.0
# libmd::libmd has SHA-256: the library of the system, or one file of its source, which has no CMakeLists.txt.
function(assay_libmd_of_the_system)
  find_package(PkgConfig QUIET)
  if(CMAKE_DISABLE_FIND_PACKAGE_LIBMD OR NOT PKG_CONFIG_FOUND)
    return()
  endif()
  pkg_check_modules(libmd QUIET IMPORTED_TARGET libmd)
  if(NOT libmd_FOUND)
    return()
  endif()
  if(libmd_VERSION VERSION_LESS 1.0 OR NOT libmd_VERSION VERSION_LESS 2)
    message(FATAL_ERROR "libmd ${libmd_VERSION} is installed, and assay needs at least 1.0, below 2: install such a one, "
      "or have CMake fetch ${ASSAY_LIBMD_TAG} with -DCMAKE_DISABLE_FIND_PACKAGE_LIBMD=ON")
  endif()
  add_library(libmd::libmd INTERFACE IMPORTED GLOBAL)
  target_link_libraries(libmd::libmd INTERFACE PkgConfig::libmd)
  set_target_properties(PkgConfig::libmd PROPERTIES IMPORTED_GLOBAL ON)
endfunction()

macro(assay_libmd_from_source)  # a language is enabled for the whole project
  enable_language(C)
  FetchContent_Declare(libmd GIT_REPOSITORY https://github.com/guillemj/libmd.git GIT_TAG ${ASSAY_LIBMD_TAG}
    GIT_SHALLOW ON SOURCE_SUBDIR none)
  FetchContent_MakeAvailable(libmd)
  file(WRITE ${PROJECT_BINARY_DIR}/_libmd/config.h "")  # of its configure; that file asks for nothing in it
  add_library(libmd STATIC ${libmd_SOURCE_DIR}/src/sha2.c)
  target_include_directories(libmd SYSTEM PUBLIC ${libmd_SOURCE_DIR}/include PRIVATE ${PROJECT_BINARY_DIR}/_libmd)
  set_target_properties(libmd PROPERTIES POSITION_INDEPENDENT_CODE ON OUTPUT_NAME md)
  add_library(libmd::libmd ALIAS libmd)
endmacro()

set(ASSAY_LIBMD_TAG 1.1.0)
assay_libmd_of_the_system()
if(NOT TARGET libmd::libmd)
  assay_libmd_from_source()
endif()
