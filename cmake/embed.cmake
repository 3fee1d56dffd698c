# Makes courant_embedded: templates, messages, schema steps and assets inside the binary (see ui/embed.mjs).
# npm's packages are brought up to package-lock.json first, once, whichever build directory asks.
find_program(NODE node REQUIRED)
file(GLOB_RECURSE embed_inputs CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/src/*.html ${CMAKE_SOURCE_DIR}/src/*.css ${CMAKE_SOURCE_DIR}/src/*.ts ${CMAKE_SOURCE_DIR}/src/*.toml
  ${CMAKE_SOURCE_DIR}/src/*.sql
  ${CMAKE_SOURCE_DIR}/ui/*.css ${CMAKE_SOURCE_DIR}/ui/*.ts ${CMAKE_SOURCE_DIR}/ui/*.svg)
set(embed_out ${CMAKE_BINARY_DIR}/embedded)

add_custom_command(
  OUTPUT ${CMAKE_BINARY_DIR}/npm.stamp
  COMMAND ${CMAKE_SOURCE_DIR}/ui/npm-packages
  COMMAND ${CMAKE_COMMAND} -E touch ${CMAKE_BINARY_DIR}/npm.stamp
  DEPENDS ${CMAKE_SOURCE_DIR}/package-lock.json ${CMAKE_SOURCE_DIR}/ui/npm-packages
  COMMENT "npm packages from package-lock.json" VERBATIM)
add_custom_command(
  OUTPUT ${embed_out}/embedded.cpp ${embed_out}/embedded.bin
  COMMAND ${NODE} ${CMAKE_SOURCE_DIR}/ui/embed.mjs --out ${embed_out}
  DEPENDS ${CMAKE_BINARY_DIR}/npm.stamp ${CMAKE_SOURCE_DIR}/ui/embed.mjs ${embed_inputs}
  COMMENT "Embedding templates, messages, schema and assets" VERBATIM)
add_library(courant_embedded STATIC ${embed_out}/embedded.cpp)
set_source_files_properties(${embed_out}/embedded.cpp PROPERTIES OBJECT_DEPENDS ${embed_out}/embedded.bin)
target_include_directories(courant_embedded PRIVATE ${CMAKE_SOURCE_DIR}/src)
target_link_libraries(courant_web PUBLIC courant_embedded)
# A name that a template reads and its model does not set is refused by debug builds and logged by release builds.
target_compile_definitions(courant_web PRIVATE $<$<CONFIG:Debug>:COURANT_REFUSE_UNSET_NAMES>)
