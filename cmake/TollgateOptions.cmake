# Options, and what they mean for every target. A consumer gets the libraries and nothing else;
# everything for our own work hangs on TOLLGATE_DEVELOPER.

option(TOLLGATE_DEVELOPER "Tests, examples and warnings as errors" OFF)
option(TOLLGATE_CURL "Build the libcurl driver" ON)
option(TOLLGATE_SQLITE "Build the SQLite store" ON)
option(TOLLGATE_REDIS "Build the Redis store" ON)
option(TOLLGATE_SERVER "Build the example server, the tollgate program" ${PROJECT_IS_TOP_LEVEL})
option(TOLLGATE_EXAMPLES "Build the small examples" ${TOLLGATE_DEVELOPER})
option(TOLLGATE_FUZZERS "Build the fuzzers (clang only)" OFF)
set(TOLLGATE_UNITY OFF CACHE STRING
    "Compile several files as one, a first build in a third of the time: ON, or TESTS for tests only")
option(TOLLGATE_INSTALL "Generate the install target" ${PROJECT_IS_TOP_LEVEL})
if(PROJECT_IS_TOP_LEVEL)
  # In somebody else's project it is theirs, and must not appear in their cache.
  option(BUILD_SHARED_LIBS "Shared libraries; OFF makes static ones" ON)
endif()
set(TOLLGATE_SANITIZE "" CACHE STRING "Sanitizers for every target, as \"address,undefined\"")

if(BUILD_SHARED_LIBS OR NOT DEFINED BUILD_SHARED_LIBS)
  set(TOLLGATE_LIBRARY_TYPE SHARED)
  set(TOLLGATE_PC_CFLAGS "")
else()
  set(TOLLGATE_LIBRARY_TYPE STATIC)
  set(TOLLGATE_PC_CFLAGS -DTG_STATIC)
endif()

include(CTest)
include(GNUInstallDirs)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES AND PROJECT_IS_TOP_LEVEL)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
  set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
  find_program(CCACHE_PROGRAM ccache)
  if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # Precompiled headers and ccache agree only with this sloppiness.
    set(ccache_launcher ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
                        ${CCACHE_PROGRAM})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${ccache_launcher})
    set(CMAKE_C_COMPILER_LAUNCHER ${ccache_launcher})
  endif()
endif()
