# SPDX-License-Identifier: GPL-2.0
set(DAXBREAK_SANITIZE "" CACHE STRING "address,undefined or thread")
if(DAXBREAK_SANITIZE)
  add_compile_options(-fsanitize=${DAXBREAK_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${DAXBREAK_SANITIZE})
endif()
