# One static library per folder of src/, named clearline_<folder>.
#
#   clearline_library(ws DEPENDS base registry)            folder with sources
#
# Sources are the folder's *.cc files (and those of its sub-folders). DEPENDS are sibling folders, and are the
# layer rule: a folder may include only its own headers and those of its (transitive) DEPENDS.
find_package(Threads REQUIRED)

add_library(clearline_options INTERFACE)
target_compile_options(clearline_options INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wno-psabi -fno-omit-frame-pointer)
target_include_directories(clearline_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_link_libraries(clearline_options INTERFACE Threads::Threads)
if(CLEARLINE_WERROR)
  target_compile_options(clearline_options INTERFACE -Werror)
endif()
if(CLEARLINE_SANITIZE)
  target_compile_options(clearline_options INTERFACE -fsanitize=${CLEARLINE_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(clearline_options INTERFACE -fsanitize=${CLEARLINE_SANITIZE})
  # g++ 12 reports false positives of these under the sanitizers' instrumentation.
  target_compile_options(clearline_options INTERFACE
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized -Wno-stringop-overflow>)
endif()
if(CLEARLINE_FUZZ)
  target_compile_options(clearline_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(NOT CLEARLINE_FAST)
  target_compile_definitions(clearline_options INTERFACE _GLIBCXX_ASSERTIONS)
endif()

function(clearline_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;SOURCES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  list(APPEND sources ${ARG_SOURCES})
  set(scope PUBLIC)
  if(sources)
    add_library(clearline_${name} STATIC ${sources})
  else()
    add_library(clearline_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(clearline_${name} ${scope} clearline_options)
  foreach(dep ${ARG_DEPENDS})
    target_link_libraries(clearline_${name} ${scope} clearline_${dep})
  endforeach()
endfunction()

# clearline_executable(echo_server SOURCES echo_server.cc DEPENDS net)
function(clearline_executable name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;SOURCES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE clearline_options)
  foreach(dep ${ARG_DEPENDS})
    target_link_libraries(${name} PRIVATE clearline_${dep})
  endforeach()
endfunction()

# clearline_test(ws_test DEPENDS ws SOURCES unit/ws/a_test.cc ...): a GoogleTest binary, one ctest entry a binary.
# LABELS groups: unit, contract, conformance, integration. OPTIMIZED is for tests that spend their time in code of their
# own. Under the sanitizers the others are compiled with -O0: most of what they cost there is the optimiser.
function(clearline_test name)
  cmake_parse_arguments(ARG "OPTIMIZED" "TIMEOUT" "DEPENDS;SOURCES;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE clearline_options GTest::gtest GTest::gmock GTest::gtest_main)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  foreach(dep ${ARG_DEPENDS})
    target_link_libraries(${name} PRIVATE clearline_${dep})
  endforeach()
  target_compile_definitions(${name} PRIVATE CLEARLINE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  if(CLEARLINE_SANITIZE AND NOT ARG_OPTIMIZED)
    target_compile_options(${name} PRIVATE -O0)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  # What ThreadSanitizer has to see; the core folders know no threads.
  foreach(folder store bus net hub app)
    if(folder IN_LIST ARG_DEPENDS)
      list(APPEND ARG_LABELS threads)
      add_dependencies(threaded_tests ${name})
      break()
    endif()
  endforeach()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
endfunction()
