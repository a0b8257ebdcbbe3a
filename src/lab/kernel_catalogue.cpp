// SPDX-License-Identifier: GPL-2.0
#include "lab/kernel_catalogue.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "base/file.h"
#include "base/nearest.h"
#include "base/path.h"
#include "base/text.h"

namespace daxbreak {
namespace {

const std::vector<std::string> keys = {"title", "suite",  "security", "package", "source",
                                       "patch", "config", "append",   "default"};

/// Suites and packages become arguments and lines of apt's configuration: nothing else may pass.
bool plain_name(std::string_view word) {
  return !word.empty() && std::isalnum(static_cast<unsigned char>(word.front())) != 0 &&
         std::all_of(word.begin(), word.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || std::strchr("+-._", c) != nullptr;
         });
}

/// Comma separated files, from the folder of the file that names them.
std::vector<std::filesystem::path> files(std::string_view value,
                                         const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  for (const std::string_view word : split(value, ","))
    paths.push_back((folder / word).lexically_normal());
  return paths;
}

/// Takes one key; what is wrong with it, or "".
std::string take(KernelSource& source, std::string_view key, std::string_view value,
                 const std::filesystem::path& folder) {
  if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
    const std::string near = nearest_word(key, keys);
    return fmt::format("unknown key '{}'{}", key,
                       near.empty() ? fmt::format("; known are {}", fmt::join(keys, ", "))
                                    : fmt::format(", did you mean '{}'?", near));
  }
  if (value.empty()) return fmt::format("'{}' has no value", key);
  if (key == "title") {
    source.title = value;
  } else if (key == "append") {
    source.append = value;
  } else if (key == "suite" || key == "package" || key == "source") {
    if (!plain_name(value))
      return fmt::format("'{}' cannot be the name of a {}", value,
                         key == "suite" ? "suite" : "package");
    (key == "suite" ? source.suite : key == "source" ? source.source : source.package) = value;
  } else if (key == "patch" || key == "config") {
    (key == "patch" ? source.patches : source.configs) = files(value, folder);
  } else {
    if (value != "yes" && value != "no")
      return fmt::format("'{}' is yes or no, not '{}'", key, value);
    (key == "security" ? source.security : source.by_default) = value == "yes";
  }
  return {};
}

/// What the keys do not say together, or "".
std::string contradiction(const KernelSource& source) {
  if (source.suite.empty()) return "'suite' is missing";
  if (source.package.empty() && source.source.empty())
    return "'package' is missing, or 'source' of a kernel to build";
  if (!source.package.empty() && source.built())
    return "'package' is for a kernel to fetch and 'source' for one to build; give one of them";
  if (!source.built() && !(source.patches.empty() && source.configs.empty()))
    return fmt::format("'{}' belongs to a kernel to build, which has a 'source'",
                       source.patches.empty() ? "config" : "patch");
  if (source.built() && source.configs.empty())
    return "'config' is missing: what the kernel is to have over tinyconfig (build/base.config)";
  return {};
}

}  // namespace

Result<KernelSource> parse_kernel_source(std::string_view text, const std::filesystem::path& file) {
  KernelSource source;
  source.name = file.filename();
  std::set<std::string, std::less<>> seen;
  int number = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.empty() || line.front() == '#') continue;
    const auto wrong = [&](const std::string& what) {
      return Error{fmt::format("{}:{}: {}", file.string(), number, what)};
    };
    const auto equals = line.find('=');
    if (equals == std::string_view::npos)
      return wrong(fmt::format("'{}' is not 'key = value'", line));
    const std::string_view key = trim(line.substr(0, equals));
    const std::string what = take(source, key, trim(line.substr(equals + 1)), file.parent_path());
    if (!what.empty()) return wrong(what);
    if (!seen.emplace(key).second) return wrong(fmt::format("'{}' is given twice", key));
  }
  if (const std::string what = contradiction(source); !what.empty())
    return Error{fmt::format("{}:{}: {}", file.string(), std::max(number, 1), what)};
  if (source.title.empty()) source.title = source.name;
  return source;
}

Result<std::vector<KernelSource>> read_catalogue(const std::filesystem::path& folder) {
  const auto files = list_folder(folder);
  if (!files) return Error{"read the kernel catalogue " + folder.string(), files.error().number};
  std::error_code code;
  std::vector<KernelSource> catalogue;
  for (const std::filesystem::path& file : *files) {
    const std::string name = file.filename();
    if (name.front() == '.' || name.back() == '~' || !std::filesystem::is_regular_file(file, code))
      continue;
    auto text = read_file(file);
    if (!text) return text.error();
    auto source = parse_kernel_source(*text, file);
    if (!source) return source.error();
    catalogue.push_back(std::move(*source));
  }
  if (catalogue.empty()) return Error{"no kernel in the catalogue " + folder.string()};
  std::sort(catalogue.begin(), catalogue.end(),
            [](const KernelSource& left, const KernelSource& right) {
              return strverscmp(left.name.c_str(), right.name.c_str()) < 0;
            });
  return catalogue;
}

Result<KernelSource> find_kernel(const std::vector<KernelSource>& catalogue,
                                 const std::string& name) {
  std::vector<std::string> names;
  for (const KernelSource& source : catalogue) {
    if (source.name == name) return source;
    names.push_back(source.name);
  }
  const std::string near = nearest_word(name, names);
  return Error{fmt::format("no kernel is called '{}'{}; there are {}", name,
                           near.empty() ? "" : fmt::format(", did you mean '{}'?", near),
                           fmt::join(names, ", "))};
}

}  // namespace daxbreak
