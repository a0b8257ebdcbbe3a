// SPDX-License-Identifier: GPL-2.0
/// What the programs of a kernel build say, read.
#include <fmt/format.h>

#include <cctype>
#include <map>

#include "base/text.h"
#include "lab/kernel_build.h"

namespace daxbreak {
namespace {

constexpr std::string_view option = "CONFIG_";
constexpr std::string_view unset_before = "# CONFIG_";
constexpr std::string_view unset_after = " is not set";

/// The option that the line sets or unsets, "CONFIG_X", or "".
std::string_view option_of(std::string_view line) {
  if (line.starts_with(option)) return line.substr(0, line.find('='));
  if (line.starts_with(unset_before) && line.ends_with(unset_after)) {
    line.remove_prefix(2);
    return line.substr(0, line.size() - unset_after.size());
  }
  return {};
}

std::map<std::string_view, std::string_view> options_of(std::string_view text) {
  std::map<std::string_view, std::string_view> options;
  for (const std::string_view line : split(text, "\n"))
    if (const std::string_view name = option_of(line); !name.empty()) options[name] = line;
  return options;
}

/// "  CC      mm/gup.o", "  LD [M]  ...": kbuild's short names are of capital letters.
bool is_step(std::string_view line) {
  constexpr std::string_view indent = "  ";
  return line.size() > indent.size() && line.starts_with(indent) &&
         std::isupper(static_cast<unsigned char>(line[indent.size()])) != 0;
}

/// Calls `use` with each line, until it returns false.
template <class Use>
void each_line(std::string_view text, Use use) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (!use(text.substr(0, end))) return;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

std::vector<std::string> dropped_options(std::string_view fragments, std::string_view config) {
  const auto got = options_of(config);
  std::vector<std::string> dropped;
  for (const auto& [name, line] : options_of(fragments)) {
    const auto found = got.find(name);
    // An option whose prerequisites are missing is not mentioned at all, which is unset too.
    const bool met = line.starts_with('#') ? found == got.end() || found->second.starts_with('#')
                                           : found != got.end() && found->second == line;
    if (!met) dropped.emplace_back(line);
  }
  return dropped;
}

std::string first_rejection(std::string_view patch_output) {
  std::string_view file;
  std::string rejection;
  each_line(patch_output, [&](std::string_view line) {
    constexpr std::string_view patching = "patching file ";
    constexpr std::string_view hunk = "Hunk #";
    if (line.starts_with(patching)) file = line.substr(patching.size());
    if (line.starts_with(hunk) && line.find(" FAILED at ") != std::string_view::npos) {
      line.remove_prefix(hunk.size());
      rejection = fmt::format("hunk {} of {}", line.substr(0, line.find(' ')), file);
    } else if (line.starts_with("can't find file to patch")) {
      rejection = "it names a file that is not there";
    } else if (line.find("Only garbage was found") != std::string_view::npos) {
      rejection = "it is no patch";
    } else if (line.find("malformed patch at line") != std::string_view::npos) {
      rejection = line.substr(line.find("malformed"));
    }
    return rejection.empty();
  });
  return rejection;
}

std::string first_build_error(std::string_view log) {
  std::string found;
  std::string summary;
  each_line(log, [&](std::string_view line) {
    line = trim(line);
    if (line.find("No space left on device") != std::string_view::npos ||
        line.find(" error: ") != std::string_view::npos ||
        line.find("undefined reference to") != std::string_view::npos ||
        line.find("FAILED: ") != std::string_view::npos)
      found = line;
    else if (summary.empty() && line.starts_with("make") &&
             line.find("*** ") != std::string_view::npos)
      summary = line;
    return found.empty();
  });
  return found.empty() ? summary : found;
}

unsigned count_steps(std::string_view log) {
  unsigned steps = 0;
  each_line(log, [&](std::string_view line) {
    if (is_step(line)) ++steps;
    return true;
  });
  return steps;
}

}  // namespace daxbreak
