# The library clearline-ws: what others build on. docs/reference/library.md is its manual.
#
#   clearline::ws    base, registry and ws/: the protocol without sockets
#   clearline::net   http/ and net/ on top: loop, server, client
#
# Inside the tree both names stand for the folders' own targets; installed, for one static archive each:
#
#   cmake --build build/release --target clearline-ws
#   cmake --install build/release --component clearline-ws --prefix PREFIX

# What is public is listed here, and nothing else is installed. Public headers include only public ones; they are
# published below clearline/, so that a program includes "clearline/net/server.h" and its own net/ stays its own.
set(clearline_public_headers
  base/clock.h
  base/header.h
  base/log.h
  base/random.h
  base/result.h
  base/strong_id.h
  base/version.h
  registry/generated/tables.h
  registry/registry.h
  registry/types.h
  ws/deflate_negotiation.h
  ws/end.h
  ws/extensions.h
  ws/frame.h
  ws/handshake.h
  ws/protocol.h
  ws/shared_compression.h
  ws/shared_frame.h
  ws/utf8.h
  http/parser.h
  http/request.h
  http/response.h
  net/address_range.h
  net/client.h
  net/connection.h
  net/file_descriptor.h
  net/listen_options.h
  net/listener.h
  net/loop.h
  net/request_source.h
  net/server.h
  net/socket_address.h
  net/task.h
  net/tls/client_context.h
  net/tls/handles.h
  net/tls/server_context.h
  net/tls/version.h)

set(clearline_public_directory ${CMAKE_BINARY_DIR}/public)
set(clearline_header_roots ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/src/registry/generated)
set(clearline_published_headers ${clearline_public_headers})
list(TRANSFORM clearline_published_headers PREPEND ${clearline_public_directory}/clearline/)
set(clearline_published_from ${clearline_public_headers})
list(TRANSFORM clearline_published_from PREPEND ${CMAKE_SOURCE_DIR}/src/)
list(TRANSFORM clearline_published_from REPLACE ".*/registry/generated/(.*)"
  "${CMAKE_BINARY_DIR}/src/registry/generated/registry/generated/\\1")

find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)
add_custom_command(
  OUTPUT ${clearline_published_headers}
  COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/tools/publish-headers ${clearline_public_directory}
    ${clearline_header_roots} -- ${clearline_public_headers}
  DEPENDS ${CMAKE_SOURCE_DIR}/tools/publish-headers ${clearline_published_from} clearline_registry
  COMMENT "Publishing the library's headers"
  VERBATIM)
add_custom_target(clearline_headers DEPENDS ${clearline_published_headers})

# --- Inside the tree ----------------------------------------------------------------------------------------------

function(clearline_tree_target name folder)
  add_library(clearline_tree_${name} INTERFACE)
  add_library(clearline::${name} ALIAS clearline_tree_${name})
  target_link_libraries(clearline_tree_${name} INTERFACE clearline_${folder})
  target_include_directories(clearline_tree_${name} INTERFACE ${clearline_public_directory})
  add_dependencies(clearline_tree_${name} clearline_headers)
endfunction()
clearline_tree_target(ws ws)
clearline_tree_target(net net)

# --- Installed ----------------------------------------------------------------------------------------------------

# The objects are the folders' own, unless these are link-time bytecode, which only the very same compiler can read:
# then the sources are compiled once more, without.
function(clearline_archive name)
  set(parts)
  foreach(folder ${ARGN})
    if(CMAKE_INTERPROCEDURAL_OPTIMIZATION)
      get_target_property(sources clearline_${folder} SOURCES)
      list(APPEND parts ${sources})
    else()
      list(APPEND parts $<TARGET_OBJECTS:clearline_${folder}>)
    endif()
  endforeach()
  add_library(clearline_archive_${name} STATIC EXCLUDE_FROM_ALL ${parts})
  set_target_properties(clearline_archive_${name} PROPERTIES
    OUTPUT_NAME clearline-${name} EXPORT_NAME ${name} LINKER_LANGUAGE CXX INTERPROCEDURAL_OPTIMIZATION OFF)
  target_compile_features(clearline_archive_${name} PUBLIC cxx_std_20)
  target_link_libraries(clearline_archive_${name} PRIVATE $<BUILD_INTERFACE:clearline_options>)
  target_include_directories(clearline_archive_${name}
    PRIVATE ${clearline_header_roots} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  add_dependencies(clearline_archive_${name} clearline_registry)
endfunction()

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
find_package(fmt REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(spdlog REQUIRED)
find_package(tl-expected REQUIRED)
find_package(ZLIB REQUIRED)
clearline_archive(ws base registry ws)
target_link_libraries(clearline_archive_ws
  PUBLIC fmt::fmt tl::expected Threads::Threads PRIVATE spdlog::spdlog ZLIB::ZLIB)
clearline_archive(net http net)
target_link_libraries(clearline_archive_net PUBLIC clearline_archive_ws PRIVATE OpenSSL::SSL OpenSSL::Crypto)

add_custom_target(clearline-ws DEPENDS clearline_archive_ws clearline_archive_net clearline_headers)

set(clearline_package_directory ${CMAKE_INSTALL_LIBDIR}/cmake/clearline-ws)
configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/clearline-ws-config.cmake.in
  ${CMAKE_BINARY_DIR}/package/clearline-ws-config.cmake INSTALL_DESTINATION ${clearline_package_directory})
# Until 1.0 a minor version may change the interface.
write_basic_package_version_file(${CMAKE_BINARY_DIR}/package/clearline-ws-config-version.cmake
  VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)
file(RELATIVE_PATH clearline_prefix_from_pc /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
foreach(name ws net)
  configure_file(${CMAKE_SOURCE_DIR}/cmake/clearline-${name}.pc.in ${CMAKE_BINARY_DIR}/package/clearline-${name}.pc @ONLY)
endforeach()

install(TARGETS clearline_archive_ws clearline_archive_net EXPORT clearline-ws
  COMPONENT clearline-ws EXCLUDE_FROM_ALL)
install(EXPORT clearline-ws FILE clearline-ws-targets.cmake NAMESPACE clearline::
  DESTINATION ${clearline_package_directory} COMPONENT clearline-ws EXCLUDE_FROM_ALL)
install(DIRECTORY ${clearline_public_directory}/clearline TYPE INCLUDE COMPONENT clearline-ws EXCLUDE_FROM_ALL)
install(FILES ${CMAKE_BINARY_DIR}/package/clearline-ws-config.cmake
  ${CMAKE_BINARY_DIR}/package/clearline-ws-config-version.cmake
  DESTINATION ${clearline_package_directory} COMPONENT clearline-ws EXCLUDE_FROM_ALL)
install(FILES ${CMAKE_BINARY_DIR}/package/clearline-ws.pc ${CMAKE_BINARY_DIR}/package/clearline-net.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT clearline-ws EXCLUDE_FROM_ALL)
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE
  DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/clearline-ws COMPONENT clearline-ws EXCLUDE_FROM_ALL)
# The examples as they stand, for a stranger to build against the package.
install(DIRECTORY ${CMAKE_SOURCE_DIR}/examples/
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/clearline-ws/examples COMPONENT clearline-ws EXCLUDE_FROM_ALL
  FILES_MATCHING PATTERN "*.cc" PATTERN "*.h" PATTERN "CMakeLists.txt")
