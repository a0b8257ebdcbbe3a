# SPDX-License-Identifier: GPL-2.0
# Files as C++: daxbreak_embed(TARGET OUTPUT.cpp HEADER NAMESPACE NAME=FILE[,FILE...] ...) adds to the
# target a source that defines `const std::string_view NAME`, the files' text one after the other.
# The same file, run as a script, writes it.
if(CMAKE_SCRIPT_MODE_FILE)
  set(text "// Made by cmake/Embed.cmake.\n#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n")
  foreach(at RANGE 1 ${COUNT})
    string(REGEX MATCH "^([^=]+)=(.*)$" _ "${VALUE_${at}}")
    set(name ${CMAKE_MATCH_1})
    string(REPLACE "," ";" files "${CMAKE_MATCH_2}")
    string(APPEND text "\nconst std::string_view ${name} =\n")
    foreach(file IN LISTS files)
      file(READ "${SOURCE}/${file}" content)
      string(FIND "${content}" ")embed\"" clash)
      if(NOT clash EQUAL -1)
        message(FATAL_ERROR "${file} holds the text that ends an embedded file: )embed\"")
      endif()
      string(APPEND text "    R\"embed(${content})embed\"\n")
    endforeach()
    string(APPEND text "    ;\n")
  endforeach()
  file(WRITE "${OUTPUT}" "${text}\n}  // namespace ${NAMESPACE}\n")
  return()
endif()

set(DAXBREAK_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})
function(daxbreak_embed target output header namespace)
  set(values)
  set(sources)
  set(count 0)
  foreach(value IN LISTS ARGN)
    math(EXPR count "${count} + 1")
    list(APPEND values "-DVALUE_${count}=${value}")
    string(REGEX REPLACE "^[^=]+=" "" files "${value}")
    string(REPLACE "," ";" files "${files}")
    list(TRANSFORM files PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
    list(APPEND sources ${files})
  endforeach()
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${output})
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DSOURCE=${CMAKE_CURRENT_SOURCE_DIR}
            -DHEADER=${header} -DNAMESPACE=${namespace} -DCOUNT=${count} ${values}
            -P ${DAXBREAK_EMBED_SCRIPT}
    DEPENDS ${sources} ${DAXBREAK_EMBED_SCRIPT} VERBATIM COMMENT "Embedding into ${output}")
  target_sources(${target} PRIVATE ${output})
endfunction()
