# SPDX-License-Identifier: GPL-2.0
# name.bpf.c -> name.skel.h, by clang and bpftool. CO-RE: the programs declare the few kernel
# fields they read and libbpf relocates them against the running kernel's BTF, so the build
# machine's kernel does not matter.
find_program(CLANG_EXECUTABLE clang REQUIRED)
find_program(BPFTOOL_EXECUTABLE bpftool PATHS /usr/sbin REQUIRED)

function(daxbreak_bpf target source)
  get_filename_component(name ${source} NAME_WE)
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.bpf.o)
  set(skeleton ${CMAKE_CURRENT_BINARY_DIR}/${name}.skel.h)
  add_custom_command(
    OUTPUT ${skeleton}
    COMMAND ${CLANG_EXECUTABLE} -g -O2 -Wall -Werror -target bpf -D__TARGET_ARCH_x86
            -I/usr/include/${CMAKE_LIBRARY_ARCHITECTURE} -I${CMAKE_SOURCE_DIR}/src
            -MD -MT ${skeleton} -MF ${object}.d
            -c ${CMAKE_CURRENT_SOURCE_DIR}/${source} -o ${object}
    COMMAND ${BPFTOOL_EXECUTABLE} gen skeleton ${object} name ${name}_bpf > ${skeleton}
    DEPENDS ${source} DEPFILE ${object}.d VERBATIM COMMENT "BPF skeleton ${name}")
  target_sources(${target} PRIVATE ${skeleton})
  target_include_directories(${target} SYSTEM PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
endfunction()
