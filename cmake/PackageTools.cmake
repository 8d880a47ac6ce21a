# Read by cpack. Without these programs a package would be made that depends on nothing, and whose
# server does not start.
foreach(program IN ITEMS dpkg-shlibdeps file)
  find_program(PACKAGE_TOOL_${program} ${program})
  if(NOT PACKAGE_TOOL_${program})
    message(FATAL_ERROR "cpack needs ${program}, which finds what the package depends on: "
                        "apt-get install dpkg-dev file")
  endif()
endforeach()
