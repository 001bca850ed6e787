# SPDX-License-Identifier: Apache-2.0
# find_package(dora) defines dora::dora: headers and libdora_node_api_c.
get_filename_component(_dora_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
if(NOT TARGET dora::dora)
  add_library(dora::dora SHARED IMPORTED)
  set_target_properties(dora::dora PROPERTIES
    IMPORTED_LOCATION "${_dora_prefix}/lib/libdora_node_api_c.so"
    IMPORTED_SONAME "libdora_node_api_c.so"
    INTERFACE_INCLUDE_DIRECTORIES "${_dora_prefix}/include")
endif()
unset(_dora_prefix)
