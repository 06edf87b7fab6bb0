# SPDX-License-Identifier: Apache-2.0
# `cmake --install` and `cpack` make a folder that runs anywhere: bin/assay, lib/ with the libraries that a fresh
# system lacks, share/assay with configs, and the licences of all of it.
include(GNUInstallDirs)

# RPATH and not RUNPATH: it also holds for what the bundled libraries need of each other (oneDNN wants OpenCL).
set_target_properties(assay PROPERTIES INSTALL_RPATH "$ORIGIN/../lib")
target_link_options(assay PRIVATE -Wl,--disable-new-dtags)
install(TARGETS assay RUNTIME DESTINATION bin)
if(ASSAY_HAVE_CUDA)
  set_target_properties(assay_cuda PROPERTIES INSTALL_RPATH "$ORIGIN")
  install(TARGETS assay_cuda LIBRARY DESTINATION lib)
endif()
install(DIRECTORY configs DESTINATION share/assay)
install(FILES README.md LICENSE DESTINATION share/assay)
install(PROGRAMS scripts/gpu-check DESTINATION bin)

install(CODE "set(assay_source \"${PROJECT_SOURCE_DIR}\")\nset(assay_build \"${PROJECT_BINARY_DIR}\")")

# What assay links and a bare system does not have: everything but the C library, the loader and the driver.
install(CODE [[
  file(GET_RUNTIME_DEPENDENCIES EXECUTABLES $<TARGET_FILE:assay>
    RESOLVED_DEPENDENCIES_VAR found UNRESOLVED_DEPENDENCIES_VAR missing
    PRE_EXCLUDE_REGEXES "ld-linux" "^libc\\.so" "^libm\\.so" "^libdl\\.so" "^libpthread\\.so" "^librt\\.so" "^libcuda\\.so")
  foreach(library IN LISTS found)
    file(INSTALL DESTINATION ${CMAKE_INSTALL_PREFIX}/lib TYPE SHARED_LIBRARY FOLLOW_SYMLINK_CHAIN FILES ${library})
  endforeach()
  execute_process(COMMAND "${assay_source}/scripts/third-party"
      "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/share/assay/THIRD_PARTY" "${assay_build}" ${found}
    COMMAND_ERROR_IS_FATAL ANY)
]])

set(CPACK_GENERATOR TGZ)
set(CPACK_PACKAGE_FILE_NAME assay-${PROJECT_VERSION}-${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_PACKAGE_VENDOR assay)
include(CPack)
