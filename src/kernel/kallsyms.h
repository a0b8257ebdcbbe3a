// SPDX-License-Identifier: GPL-2.0
/// The kernel's own symbols, from /proc/kallsyms.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"

namespace daxbreak {

/// Symbol -> address; 0 where kptr_restrict hides it.
using Symbols = std::map<std::string, std::uint64_t, std::less<>>;
using SymbolNames = std::set<std::string, std::less<>>;

/// Adds the wanted names among the symbols of the kernel image (not of modules) in whole lines of
/// /proc/kallsyms to `found`. Suffixes the compiler adds ("x.isra.0", "x.part.1") count as x.
/// False once nothing more can come: all were found, or the first module was reached. Pure.
bool scan_symbols(std::string_view lines, const SymbolNames& wanted, Symbols& found);

/// The wanted symbols of the running kernel. Reads no more of /proc/kallsyms than needed: making
/// its lines costs the kernel a microsecond each, more under emulation.
[[nodiscard]] Result<Symbols> read_symbols(const SymbolNames& wanted);

}  // namespace daxbreak
