# The server as a Debian package: `cmake --build build && cd build && cpack`. What belongs to the
# system rather than to a prefix (unit, configuration) is only in the package, as the component
# "system"; `cmake --install` leaves it out.

if(NOT TARGET tollgate_program OR NOT PROJECT_IS_TOP_LEVEL)
  return()
endif()

set(packaging ${PROJECT_SOURCE_DIR}/packaging)

find_program(GZIP_PROGRAM gzip)
set(man_page ${CMAKE_CURRENT_BINARY_DIR}/tollgate.1)
add_custom_command(OUTPUT ${man_page}
  COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:tollgate_program> -DVERSION=${PROJECT_VERSION}
          -DOUTPUT=${man_page} -P ${PROJECT_SOURCE_DIR}/cmake/ManPage.cmake
  DEPENDS tollgate_program ${PROJECT_SOURCE_DIR}/cmake/ManPage.cmake
  VERBATIM)
if(GZIP_PROGRAM)
  add_custom_command(OUTPUT ${man_page}.gz
    COMMAND ${GZIP_PROGRAM} --best --no-name --keep --force ${man_page}
    DEPENDS ${man_page} VERBATIM)
  set(man_page ${man_page}.gz)
endif()
add_custom_target(tollgate_man ALL DEPENDS ${man_page})
install(FILES ${man_page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT server)

install(FILES ${packaging}/tollgate.service DESTINATION /usr/lib/systemd/system
        COMPONENT system EXCLUDE_FROM_ALL)
install(FILES ${packaging}/tollgate.yaml DESTINATION /etc/tollgate
        COMPONENT system EXCLUDE_FROM_ALL)
install(FILES ${packaging}/tollgate.logrotate DESTINATION /etc/logrotate.d RENAME tollgate
        COMPONENT system EXCLUDE_FROM_ALL)
if(GZIP_PROGRAM)
  set(changelog ${CMAKE_CURRENT_BINARY_DIR}/changelog.gz)
  add_custom_command(OUTPUT ${changelog}
    COMMAND ${GZIP_PROGRAM} --best --no-name --stdout ${PROJECT_SOURCE_DIR}/CHANGELOG.md > ${changelog}
    DEPENDS ${PROJECT_SOURCE_DIR}/CHANGELOG.md)
  add_custom_target(tollgate_changelog ALL DEPENDS ${changelog})
  install(FILES ${changelog} DESTINATION /usr/share/doc/tollgate
          COMPONENT system EXCLUDE_FROM_ALL)
endif()
install(FILES ${packaging}/debian/copyright DESTINATION /usr/share/doc/tollgate
        COMPONENT system EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME tollgate)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "tollgate maintainers <maintainers@tollgate.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "gateway between Claude Code and model providers")
set(CPACK_PACKAGE_DESCRIPTION "One place that decides who may call which model, what it may cost and
where it goes, and that records what happened. Holds the server, the
library with its C interface, and what is needed to build against it.")
set(CPACK_STRIP_FILES ON)
# Files of ours have absolute places, which only a staging root can hold.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL core curl server system)
foreach(component IN ITEMS sqlite redis)
  if(TARGET tollgate_${component})
    list(APPEND CPACK_COMPONENTS_ALL ${component})
  endif()
endforeach()
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "ca-certificates")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "logrotate")
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_SOURCE_DIR}/cmake/PackageTools.cmake)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_LIBRARY_OUTPUT_DIRECTORY})
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${packaging}/debian/conffiles ${packaging}/debian/postinst ${packaging}/debian/prerm
    ${packaging}/debian/postrm ${packaging}/debian/triggers)
include(CPack)
