// SPDX-License-Identifier: GPL-2.0
// Scheme files: `key = value` lines, comma separated lists, # comments.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>

#include "base/file.h"
#include "base/nearest.h"
#include "base/path.h"
#include "base/text.h"
#include "kernel/scheme.h"

namespace daxbreak {
namespace {

// Everything below returns "" for success, or what is wrong with the value.
std::string set_number(std::string_view value, std::int32_t& field) {
  const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), field);
  if (code == std::errc{} && end == value.data() + value.size()) return {};
  return fmt::format("'{}' is not a number", value);
}

std::string set_text(std::string_view value, std::string& field) {
  field = value;
  return value.empty() ? "the value is empty" : "";
}

std::string set_list(std::string_view value, std::vector<std::string>& field) {
  const auto words = split(value, ",");
  field.assign(words.begin(), words.end());
  return {};
}

std::string set_wake_key(std::string_view value, bool& on_page) {
  if (value != "page" && value != "refcount")
    return fmt::format("'{}' is neither 'page' nor 'refcount'", value);
  on_page = value == "page";
  return {};
}

// symbol:page_arg[:refs_arg|:none]
std::string set_puts(std::string_view value, std::vector<PutHook>& field) {
  for (const std::string_view word : split(value, ",")) {
    const auto parts = split(word, ":");
    PutHook hook;
    if (parts.size() < 2 || parts.size() > 3)
      return fmt::format("'{}' is not symbol:page_arg[:refs_arg|:none]", word);
    hook.symbol = parts[0];
    if (auto wrong = set_number(parts[1], hook.page_arg); !wrong.empty()) return wrong;
    if (parts.size() == 3) {
      if (parts[2] == "none")
        hook.refs_arg = PutHook::kDropped;
      else if (auto wrong = set_number(parts[2], hook.refs_arg); !wrong.empty())
        return wrong;
      else if (hook.refs_arg < 1)
        return fmt::format("'{}': arguments are numbered 1 to 5", word);
    }
    // Arguments 1 to 5 are in registers on every architecture libbpf knows.
    if (hook.page_arg < 1 || hook.page_arg > 5 || hook.refs_arg > 5)
      return fmt::format("'{}': arguments are numbered 1 to 5", word);
    field.push_back(std::move(hook));
  }
  return {};
}

using Setter = std::function<std::string(std::string_view)>;

std::map<std::string, Setter, std::less<>> setters_of(Scheme& s) {
  using sv = std::string_view;
  return {
      {"name", [&s](sv v) { return set_text(v, s.name); }},
      {"title", [&s](sv v) { return set_text(v, s.title); }},
      {"author", [&s](sv v) { return set_text(v, s.author); }},
      {"source", [&s](sv v) { return set_text(v, s.source); }},
      {"idle", [&s](sv v) { return set_number(v, s.idle); }},
      {"per_entry", [&s](sv v) { return set_number(v, s.per_entry); }},
      {"per_mapping", [&s](sv v) { return set_number(v, s.per_mapping); }},
      {"device_idle", [&s](sv v) { return set_number(v, s.device_idle); }},
      {"device_per_mapping", [&s](sv v) { return set_number(v, s.device_per_mapping); }},
      {"private_idle", [&s](sv v) { return set_number(v, s.private_idle); }},
      {"private_freed", [&s](sv v) { return set_number(v, s.private_freed); }},
      {"private_allocated", [&s](sv v) { return set_number(v, s.private_allocated); }},
      {"foll_get", [&s](sv v) { return set_number(v, s.foll_get); }},
      {"foll_pin", [&s](sv v) { return set_number(v, s.foll_pin); }},
      {"foll_pin_compound", [&s](sv v) { return set_number(v, s.foll_pin_compound); }},
      {"wake_key", [&s](sv v) { return set_wake_key(v, s.wake_on_page); }},
      {"puts", [&s](sv v) { return set_puts(v, s.puts); }},
      {"present", [&s](sv v) { return set_list(v, s.present); }},
      {"absent", [&s](sv v) { return set_list(v, s.absent); }},
      {"odirect_pins_if", [&s](sv v) { return set_list(v, s.odirect_pins_if); }},
  };
}

Error at(const std::string& origin, int line, std::string_view what) {
  return Error{fmt::format("{}:{}: {}", origin, line, what)};
}

Error unknown_key(const std::string& origin, int line, std::string_view key,
                  const std::map<std::string, Setter, std::less<>>& setters) {
  std::vector<std::string> known;
  known.reserve(setters.size());
  for (const auto& entry : setters)
    known.push_back(entry.first);
  const std::string near = nearest_word(key, known);
  return at(origin, line,
            near.empty() ? fmt::format("unknown key '{}'", key)
                         : fmt::format("unknown key '{}' (did you mean '{}'?)", key, near));
}

}  // namespace

Result<Scheme> parse_scheme(std::string_view text, const std::string& origin) {
  Scheme scheme;
  const auto setters = setters_of(scheme);
  std::set<std::string> seen;
  int number = 0;
  while (!text.empty()) {
    ++number;
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;

    const auto equals = line.find('=');
    if (equals == std::string_view::npos)
      return at(origin, number, fmt::format("'{}' is not 'key = value'", line));
    const std::string_view key = trim(line.substr(0, equals));
    const auto setter = setters.find(key);
    if (setter == setters.end()) return unknown_key(origin, number, key, setters);
    if (!seen.emplace(key).second)
      return at(origin, number, fmt::format("'{}' is given twice", key));
    if (const auto wrong = setter->second(trim(line.substr(equals + 1))); !wrong.empty())
      return at(origin, number, fmt::format("{}: {}", key, wrong));
  }
  for (const char* required : {"name", "title", "idle", "wake_key", "puts", "present", "source"})
    if (!seen.contains(required))
      return at(origin, number, fmt::format("'{}' is missing", required));
  if (scheme.present.empty()) return at(origin, number, "'present' is empty: it would match any");
  return scheme;
}

Result<std::vector<Scheme>> load_schemes(const std::filesystem::path& directory) {
  auto files = list_folder(directory);
  if (!files) return Error{"read schemes from " + directory.string(), files.error().number};
  std::erase_if(*files, [](const std::filesystem::path& file) {
    const std::string name = file.filename().string();
    std::error_code ignored;
    return name.front() == '.' || name.back() == '~' ||
           !std::filesystem::is_regular_file(file, ignored);
  });
  if (files->empty()) return Error{"no scheme files in " + directory.string()};

  std::vector<Scheme> schemes;
  for (const auto& file : *files) {
    const auto text = read_file(file);
    if (!text) return text.error();
    auto scheme = parse_scheme(*text, file.string());
    if (!scheme) return scheme.error();
    // One name to look for: what a report calls the scheme is the file that explains it.
    if (scheme->name != file.filename().string())
      return Error{fmt::format("{}: holds a scheme named '{}'; file and scheme must agree",
                               file.string(), scheme->name)};
    schemes.push_back(std::move(*scheme));
  }
  return schemes;
}

}  // namespace daxbreak
