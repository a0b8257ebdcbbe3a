// SPDX-License-Identifier: GPL-2.0
#include "cli/stdio_style.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace daxbreak {

Style style_of(int fd) {
  const bool terminal = isatty(fd) == 1;
  winsize size{};
  const int columns =
      terminal && ioctl(fd, TIOCGWINSZ, &size) == 0 ? static_cast<int>(size.ws_col) : 0;
  const char* locale = nullptr;
  // The order in which setlocale(3) looks.
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"})
    if (locale == nullptr || *locale == '\0') locale = std::getenv(name);
  return style_for(terminal, std::getenv("NO_COLOR"), locale, columns);
}

}  // namespace daxbreak
