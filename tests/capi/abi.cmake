# What the ABI promises, checked on the built files and by a C compiler.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

set(abi_check ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_LIST_DIR}/abi_check.py)
file(GLOB public_c_headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/tollgate/*.h)
file(GLOB public_headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/tollgate/*.h
     ${PROJECT_SOURCE_DIR}/include/tollgate/*.hpp)

add_executable(tests_abi_layout ${CMAKE_CURRENT_LIST_DIR}/abi_layout.c)
tollgate_defaults(tests_abi_layout)
target_link_libraries(tests_abi_layout PRIVATE tollgate)
add_test(NAME abi_layout COMMAND tests_abi_layout)

add_test(NAME abi_layout_complete
         COMMAND ${abi_check} layout ${CMAKE_CURRENT_LIST_DIR}/abi_layout.c ${public_c_headers})
add_test(NAME abi_symbols_listed
         COMMAND ${Python3_EXECUTABLE} -B ${PROJECT_SOURCE_DIR}/scripts/symbols --check)

add_test(NAME abi_description COMMAND ${PROJECT_SOURCE_DIR}/scripts/abi --check)

# Each header compiles alone, in C11 and in C++20, with every warning an error.
set(alone_sources)
foreach(header IN LISTS public_headers)
  get_filename_component(name ${header} NAME)
  foreach(language IN ITEMS c cpp)
    if(name MATCHES "\\.hpp$" AND language STREQUAL "c")
      continue()
    endif()
    set(alone ${CMAKE_CURRENT_BINARY_DIR}/alone/${name}.${language})
    file(CONFIGURE OUTPUT ${alone} CONTENT "#include \"tollgate/${name}\"\n#include \"tollgate/${name}\"\nextern int tollgate_header_${language};\n")
    list(APPEND alone_sources ${alone})
  endforeach()
endforeach()
add_library(tests_headers_alone OBJECT ${alone_sources})
tollgate_defaults(tests_headers_alone)
target_include_directories(tests_headers_alone PRIVATE ${PROJECT_SOURCE_DIR}/include)

# Sanitizers add symbols of their own, wanted and exported.
if(NOT TOLLGATE_SANITIZE)
  add_test(NAME abi_exports
           COMMAND ${abi_check} exports $<TARGET_FILE:tollgate>
                   ${PROJECT_SOURCE_DIR}/capi/tollgate.symbols)
  add_test(NAME core_purity
           COMMAND ${abi_check} purity $<$<CONFIG:Debug>:--asserts>
                   $<TARGET_OBJECTS:tollgate_objects> $<TARGET_OBJECTS:tollgate>
           COMMAND_EXPAND_LISTS)
  if(TARGET tollgate_curl)
    add_test(NAME abi_exports_curl
             COMMAND ${abi_check} exports $<TARGET_FILE:tollgate_curl>
                     ${PROJECT_SOURCE_DIR}/include/tollgate/curl.h)
    # The driver is what the core must not be, so both checks have to see it.
    add_test(NAME abi_exports_can_fail
             COMMAND ${abi_check} exports $<TARGET_FILE:tollgate_curl>
                     ${PROJECT_SOURCE_DIR}/capi/tollgate.symbols)
    add_test(NAME core_purity_can_fail
             COMMAND ${abi_check} purity $<TARGET_OBJECTS:tollgate_curl_objects>
             COMMAND_EXPAND_LISTS)
    set_tests_properties(abi_exports_can_fail core_purity_can_fail PROPERTIES WILL_FAIL TRUE)
  endif()
endif()
