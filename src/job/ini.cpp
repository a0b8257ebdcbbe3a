// SPDX-License-Identifier: GPL-2.0
#include "job/ini.h"

#include <fmt/format.h>

#include <cstdlib>

#include "base/file.h"
#include "base/text.h"

namespace daxbreak {
namespace {

/// Deep enough for anybody, shallow enough for a file that includes itself.
constexpr int deepest_include = 8;

/// The line without a comment: one that starts it, or one after a blank.
std::string_view without_comment(std::string_view line) {
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] != ';' && line[at] != '#') continue;
    if (at == 0 || blanks.find(line[at - 1]) != std::string_view::npos) return line.substr(0, at);
  }
  return line;
}

class Reader {
 public:
  explicit Reader(const IniSources& sources) : sources_(sources) {}

  Result<void> read(const std::filesystem::path& file, int depth) {
    auto text = sources_.read(file);
    if (!text) return text.error();
    std::string_view rest = *text;
    IniPlace place{.file = file.string(), .line = 0, .column = 1};
    while (!rest.empty()) {
      const auto end = rest.find('\n');
      const std::string_view line = rest.substr(0, end);
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
      ++place.line;
      if (auto done = take(line, place, file, depth); !done) return done;
    }
    return ok();
  }

  std::vector<IniSection> sections() && { return std::move(sections_); }

 private:
  Result<void> take(std::string_view raw, IniPlace place, const std::filesystem::path& file,
                    int depth) {
    const std::string_view line = trim(without_comment(raw));
    if (line.empty()) return ok();
    place.column = static_cast<std::size_t>(line.data() - raw.data()) + 1;
    if (line.find('\0') != std::string_view::npos)
      return error_at(place, "this is not text: there is a zero byte in the line");
    if (line.front() == '[') return open_section(line, place, depth);
    constexpr std::string_view include = "include";
    if (line.starts_with(include) && line.size() > include.size() &&
        blanks.find(line[include.size()]) != std::string_view::npos)
      return include_file(trim(line.substr(include.size())), place, file, depth);
    if (sections_.empty())
      return error_at(place, fmt::format("\"{}\" stands before the first [section]", line));
    sections_.back().entries.push_back(entry(line, place));
    return ok();
  }

  Result<void> open_section(std::string_view line, const IniPlace& place, int depth) {
    if (depth > 0)
      return error_at(place,
                      fmt::format("an included file may not have sections, but here is {}", line));
    if (line.back() != ']')
      return error_at(place, fmt::format("the section name \"{}\" lacks its closing ]", line));
    const std::string_view name = trim(line.substr(1, line.size() - 2));
    if (name.empty()) return error_at(place, "the section has no name");
    sections_.push_back({.name = std::string(name), .at = place, .entries = {}});
    return ok();
  }

  Result<void> include_file(std::string_view name, const IniPlace& place,
                            const std::filesystem::path& file, int depth) {
    if (sections_.empty()) return error_at(place, "an include stands before the first [section]");
    if (depth == deepest_include)
      return error_at(place, fmt::format("\"{}\" is included more than {} files deep; does it "
                                         "include itself?",
                                         name, deepest_include));
    // An absolute name replaces the folder (std::filesystem's operator/).
    const std::filesystem::path path = file.parent_path() / name;
    auto done = read(path, depth + 1);
    if (!done && done.error().number != 0) return error_at(place, done.error().message());
    return done;
  }

  IniEntry entry(std::string_view line, const IniPlace& place) const {
    IniEntry entry{.key_at = place, .value_at = place};
    const auto equals = line.find('=');
    entry.key = trim(line.substr(0, equals));
    if (equals == std::string_view::npos) return entry;
    entry.has_value = true;
    const std::string_view value = trim(line.substr(equals + 1));
    entry.value_at.column +=
        value.empty() ? line.size() : static_cast<std::size_t>(value.data() - line.data());
    entry.value = replace_variables(value, sources_, entry.unset);
    return entry;
  }

  const IniSources& sources_;
  std::vector<IniSection> sections_;
};

}  // namespace

std::string IniPlace::text() const {
  return line == 0 ? file : fmt::format("{}:{}:{}", file, line, column);
}

IniSources IniSources::real() {
  return {.read = [](const std::filesystem::path& path) { return read_file(path); },
          .variable = [](const std::string& name) -> std::optional<std::string> {
            const char* value = std::getenv(name.c_str());
            if (value == nullptr) return std::nullopt;
            return value;
          }};
}

Error error_at(const IniPlace& place, std::string_view sentence) {
  return Error{fmt::format("{}: {}", place.text(), sentence)};
}

std::string replace_variables(std::string_view text, const IniSources& sources,
                              std::string& unset) {
  std::string out;
  while (!text.empty()) {
    const auto begin = text.find("${");
    const auto end = begin == std::string_view::npos ? begin : text.find('}', begin);
    if (end == std::string_view::npos) return out.append(text);
    out.append(text.substr(0, begin));
    const std::string name(text.substr(begin + 2, end - begin - 2));
    if (const auto value = sources.variable(name)) {
      out.append(*value);
    } else {
      if (!unset.empty()) unset += ' ';
      unset += name;
    }
    text.remove_prefix(end + 1);
  }
  return out;
}

Result<std::vector<IniSection>> read_ini(const std::filesystem::path& file,
                                         const IniSources& sources) {
  Reader reader(sources);
  if (auto done = reader.read(file, 0); !done) return done.error();
  return std::move(reader).sections();
}

}  // namespace daxbreak
