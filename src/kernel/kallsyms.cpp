// SPDX-License-Identifier: GPL-2.0
#include "kernel/kallsyms.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/file.h"

namespace daxbreak {

bool scan_symbols(std::string_view lines, const SymbolNames& wanted, Symbols& found) {
  while (!lines.empty()) {
    const auto end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));

    // "ffffffff81000000 T name" or, for a module, "ffffffffc0000000 t name\t[module]". Modules come
    // after the whole image (kernel/kallsyms.c update_iter()).
    const auto blank = line.find(' ');
    if (blank == std::string_view::npos || line.size() < blank + 4) continue;
    std::string_view name = line.substr(blank + 3);
    if (name.back() == ']') return false;
    name = name.substr(0, name.find('.', 1));
    if (!wanted.contains(name)) continue;
    std::uint64_t address = 0;
    std::from_chars(line.data(), line.data() + blank, address, 16);
    found.try_emplace(std::string(name), address);
    if (found.size() == wanted.size()) return false;
  }
  return true;
}

Result<Symbols> read_symbols(const SymbolNames& wanted) {
  const auto file = open_file("/proc/kallsyms", O_RDONLY);
  if (!file) return file.error();
  Symbols found;
  std::string text;  // what is not scanned yet: at most the start of a line
  std::array<char, 65536> piece;
  for (;;) {
    const auto got = ::read(file->get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error("read /proc/kallsyms");
    if (got == 0) break;
    text.append(piece.data(), static_cast<std::size_t>(got));
    const auto lines = text.rfind('\n') + 1;  // 0 if there is none
    if (!scan_symbols(std::string_view(text).substr(0, lines), wanted, found)) return found;
    text.erase(0, lines);
  }
  scan_symbols(text, wanted, found);
  return found;
}

}  // namespace daxbreak
