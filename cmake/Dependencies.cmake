# SPDX-License-Identifier: GPL-2.0
# Everything comes from Debian; scripts/setup installs it.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(GTest REQUIRED)
pkg_check_modules(PMEM2 REQUIRED IMPORTED_TARGET libpmem2)
pkg_check_modules(NDCTL REQUIRED IMPORTED_TARGET libndctl)
pkg_check_modules(DAXCTL REQUIRED IMPORTED_TARGET libdaxctl)
pkg_check_modules(URING REQUIRED IMPORTED_TARGET liburing)
pkg_check_modules(BPF REQUIRED IMPORTED_TARGET libbpf)
pkg_check_modules(DEVMAPPER REQUIRED IMPORTED_TARGET devmapper)
pkg_check_modules(KMOD REQUIRED IMPORTED_TARGET libkmod)
pkg_check_modules(BLKID REQUIRED IMPORTED_TARGET blkid)
find_library(AIO_LIBRARY aio REQUIRED)

# One static library per folder: every .cpp in it, so that a new file is picked up by itself.
# UNTIMED rows run outside every measurement; full of templates (CLI11, nlohmann), they build in half
# the time with -O1.
function(daxbreak_row name)
  cmake_parse_arguments(ROW "UNTIMED" "" "USES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_library(dxb_${name} STATIC ${sources})
  target_include_directories(dxb_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR})
  target_link_libraries(dxb_${name} PUBLIC ${ROW_USES} fmt::fmt Threads::Threads)
  if(ROW_UNTIMED)
    target_compile_options(dxb_${name} PRIVATE $<$<CONFIG:RelWithDebInfo>:-O1>)
  endif()
endfunction()
