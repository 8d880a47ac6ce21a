# What every target of ours is compiled with.

include(CheckCXXCompilerFlag)
# g++ clears and copies objects of some hundred bytes with string instructions, unless it is told the
# processor. They take longer to begin than such an object takes with plain vector moves.
set(TOLLGATE_BLOCK_MOVES -mmemset-strategy=vector_loop:512:noalign,libcall:-1:noalign
                         -mmemcpy-strategy=vector_loop:512:noalign,libcall:-1:noalign)
check_cxx_compiler_flag("${TOLLGATE_BLOCK_MOVES}" TOLLGATE_HAS_BLOCK_MOVES)

# tollgate_defaults(TARGET): warnings, sanitizers.
function(tollgate_defaults target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
                         $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # With optimisation g++ 12 sees overlapping copies in std::string (its bug 105651) and
    # uninitialised members behind an empty std::optional, where there are none.
    target_compile_options(${target} PRIVATE -Wno-restrict -Wno-maybe-uninitialized)
  endif()
  if(TOLLGATE_HAS_BLOCK_MOVES)
    target_compile_options(${target} PRIVATE "$<$<NOT:$<CONFIG:Debug>>:${TOLLGATE_BLOCK_MOVES}>")
  endif()
  # The same bytes whatever folder it is built in; a debugger wants the true paths.
  target_compile_options(${target} PRIVATE
                         $<$<NOT:$<CONFIG:Debug>>:-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=>)
  if(TOLLGATE_DEVELOPER)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(TOLLGATE_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${TOLLGATE_SANITIZE}
                           -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE -fsanitize=${TOLLGATE_SANITIZE})
  endif()
  if(TOLLGATE_FUZZERS)
    # Coverage for libFuzzer and the sanitizers that show what it finds; tests/fuzz links its engine.
    set(fuzzing -fsanitize=fuzzer-no-link,address,undefined)
    target_compile_options(${target} PRIVATE ${fuzzing} -fno-sanitize-recover=all
                           -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE ${fuzzing})
  endif()
  if(TOLLGATE_SANITIZE OR TOLLGATE_FUZZERS)
    # A C program that links our C++ library needs the C++ half of the sanitizers' runtime.
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "EXECUTABLE")
      set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX)
    endif()
  endif()
endfunction()

# tollgate_test(NAME SOURCES… [LINK …] [DATA]): one Catch2 program, one CTest entry.
function(tollgate_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  tollgate_defaults(${name})
  tollgate_unity(${name})
  target_link_libraries(${name} PRIVATE tollgate_core_static tollgate_catch ${arg_LINK})
  # The precompiled header was made with -fPIC; an executable would use -fPIE and refuse it.
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${name} PRIVATE -fPIC)
  target_precompile_headers(${name} REUSE_FROM tollgate_catch)
  target_compile_definitions(${name} PRIVATE
    TOLLGATE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 600)
endfunction()
