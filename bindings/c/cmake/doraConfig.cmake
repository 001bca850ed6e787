# SPDX-License-Identifier: Apache-2.0
# find_package(dora) defines
#   dora::dora      headers and libdora_node_api_c, for C
#   dora::cpp       the same for C++17: dora/node.hpp, dora-node-api.h
#   dora::operator  headers only: dora/operator_api.h and dora/operator.hpp, for operators (add_library(… MODULE …))
#   dora::static    libdora_node_api_c.a, where it was built (bindings/c/build --static)
get_filename_component(_dora_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
if(NOT TARGET dora::dora)
  add_library(dora::dora SHARED IMPORTED)
  set_target_properties(dora::dora PROPERTIES
    IMPORTED_LOCATION "${_dora_prefix}/lib/libdora_node_api_c.so"
    IMPORTED_SONAME "libdora_node_api_c.so"
    INTERFACE_INCLUDE_DIRECTORIES "${_dora_prefix}/include")
  add_library(dora::cpp INTERFACE IMPORTED)
  set_target_properties(dora::cpp PROPERTIES
    INTERFACE_LINK_LIBRARIES dora::dora
    INTERFACE_COMPILE_FEATURES cxx_std_17)
  add_library(dora::operator INTERFACE IMPORTED)
  set_target_properties(dora::operator PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${_dora_prefix}/include")
  if(EXISTS "${_dora_prefix}/lib/libdora_node_api_c.a")
    add_library(dora::static STATIC IMPORTED)
    set_target_properties(dora::static PROPERTIES
      IMPORTED_LOCATION "${_dora_prefix}/lib/libdora_node_api_c.a"
      INTERFACE_LINK_LIBRARIES "m;dl;pthread"
      INTERFACE_INCLUDE_DIRECTORIES "${_dora_prefix}/include")
  endif()
endif()
unset(_dora_prefix)
