# What `cmake --install` leaves: libraries, headers, a CMake package with one component for each
# library, and pkg-config files. All of it may be moved to another prefix afterwards.

if(NOT TARGET tollgate)
  return()
endif()

include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/tollgate)
set(pc_folder ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH TOLLGATE_PC_PREFIX ${CMAKE_INSTALL_PREFIX}/${pc_folder} ${CMAKE_INSTALL_PREFIX})

# tollgate_install_library(TARGET COMPONENT): the library as tollgate::COMPONENT, in an export file
# of its own, so that an installation without a driver is still a whole package.
function(tollgate_install_library target component)
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${component})
  install(TARGETS ${target} EXPORT tollgate-${component}
          LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
            COMPONENT ${component} NAMELINK_COMPONENT ${component}
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${component}
          INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(EXPORT tollgate-${component} FILE tollgate-${component}-targets.cmake
          NAMESPACE tollgate:: DESTINATION ${package_folder} COMPONENT ${component})
endfunction()

tollgate_install_library(tollgate core)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/tollgate DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        COMPONENT core FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp" PATTERN "curl.h" EXCLUDE
        PATTERN "sqlite.h" EXCLUDE PATTERN "redis.h" EXCLUDE)
configure_file(${PROJECT_SOURCE_DIR}/capi/tollgate.pc.in tollgate.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/tollgate.pc DESTINATION ${pc_folder} COMPONENT core)

foreach(driver IN ITEMS curl sqlite redis)
  if(TARGET tollgate_${driver})
    tollgate_install_library(tollgate_${driver} ${driver})
    set_target_properties(tollgate_${driver} PROPERTIES INSTALL_RPATH "$ORIGIN")
    install(FILES ${PROJECT_SOURCE_DIR}/include/tollgate/${driver}.h
            DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/tollgate COMPONENT ${driver})
    configure_file(${PROJECT_SOURCE_DIR}/capi/tollgate_${driver}.pc.in tollgate_${driver}.pc @ONLY)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/tollgate_${driver}.pc DESTINATION ${pc_folder}
            COMPONENT ${driver})
  endif()
endforeach()

if(TARGET tollgate_program)
  file(RELATIVE_PATH lib_from_bin ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
  set_target_properties(tollgate_program PROPERTIES INSTALL_RPATH "$ORIGIN/${lib_from_bin}")
  install(TARGETS tollgate_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT server)
endif()

configure_package_config_file(${PROJECT_SOURCE_DIR}/capi/tollgate-config.cmake.in
  tollgate-config.cmake INSTALL_DESTINATION ${package_folder}
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(tollgate-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/tollgate-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/tollgate-config-version.cmake
        DESTINATION ${package_folder} COMPONENT core)
