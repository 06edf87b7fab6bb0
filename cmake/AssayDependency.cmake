# SPDX-License-Identifier: Apache-2.0
# assay_dependency(name at_least below repository tag). The versions are compared here: asked for fmt 9, find_package
# refuses fmt 10, since that package calls only its own major version compatible.
macro(assay_dependency name at_least below repository tag)
  FetchContent_Declare(${name} GIT_REPOSITORY https://github.com/${repository}.git GIT_TAG ${tag}
    GIT_SHALLOW ON FIND_PACKAGE_ARGS)
  FetchContent_MakeAvailable(${name})
  if(${name}_FOUND AND (${name}_VERSION VERSION_LESS ${at_least} OR NOT ${name}_VERSION VERSION_LESS ${below}))
    message(FATAL_ERROR "${name} ${${name}_VERSION} is installed, and assay needs at least ${at_least}, below ${below}: "
      "install such a one, or have CMake fetch ${tag} with -DCMAKE_DISABLE_FIND_PACKAGE_${name}=ON")
  endif()
endmacro()
