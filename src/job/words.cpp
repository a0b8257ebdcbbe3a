// SPDX-License-Identifier: GPL-2.0
#include "job/words.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/nearest.h"

namespace daxbreak {
namespace {

bool holds(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::vector<ListWord> split_list(std::string_view value) {
  constexpr std::string_view blanks = " \t";
  std::vector<ListWord> words;
  for (std::size_t at = 0; at <= value.size();) {
    const std::size_t end = std::min(value.find(',', at), value.size());
    std::string_view word = value.substr(at, end - at);
    std::size_t offset = at;
    if (const auto first = word.find_first_not_of(blanks); first != std::string_view::npos) {
      word = word.substr(first, word.find_last_not_of(blanks) - first + 1);
      offset += first;
    } else {
      word = {};
    }
    words.push_back({.text = word, .offset = offset});
    at = end + 1;
  }
  return words;
}

std::string unknown_word(std::string_view what, std::string_view word,
                         const std::vector<std::string>& known) {
  const std::string near = nearest_word(word, known);
  if (!near.empty())
    return fmt::format("no {} is called \"{}\"; did you mean \"{}\"?", what, word, near);
  return fmt::format("no {} is called \"{}\"; there is {}", what, word, fmt::join(known, ", "));
}

std::vector<std::string> choose_words(std::string_view value, std::string_view what,
                                      const std::vector<std::string>& known, ListError& error,
                                      const std::vector<std::string>& unlisted) {
  std::vector<std::string> chosen;
  std::vector<std::string_view> excluded;
  bool includes = false;
  for (const ListWord& word : split_list(value)) {
    std::string_view name = word.text;
    const bool exclude = name.starts_with('!');
    if (exclude) name.remove_prefix(1);
    if (name.empty()) {
      error = {.sentence = fmt::format("the list of {}s has an empty place", what),
               .offset = word.offset};
      return {};
    }
    if (name == "all" && !exclude) {
      includes = true;
      for (const std::string& one : known)
        if (!holds(chosen, one)) chosen.push_back(one);
    } else if (!holds(known, name) && !holds(unlisted, name)) {
      error = {.sentence = unknown_word(what, name, known), .offset = word.offset};
      return {};
    } else if (exclude) {
      excluded.push_back(name);
    } else {
      includes = true;
      if (!holds(chosen, name)) chosen.emplace_back(name);
    }
  }
  if (!includes) chosen = known;
  std::erase_if(chosen, [&](const std::string& name) {
    return std::find(excluded.begin(), excluded.end(), name) != excluded.end();
  });
  if (chosen.empty())
    error = {.sentence = fmt::format("\"{}\" leaves no {}", value, what), .offset = 0};
  return chosen;
}

}  // namespace daxbreak
