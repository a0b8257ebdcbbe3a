// SPDX-License-Identifier: GPL-2.0
#include "base/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace daxbreak {
namespace {

struct Parsed {
  std::uint64_t number = 0;
  std::string suffix;  ///< lower case, without blanks
};

std::string quoted(std::string_view text) {
  return fmt::format("\"{}\"", text);
}

/// Splits "512MiB" into 512 and "mib".
Result<Parsed> split_number(std::string_view text, std::string_view what) {
  if (text.empty()) return Error{fmt::format("a {} is missing", what)};
  if (text.front() == '-')
    return Error{fmt::format("{} is not a {}: it is negative", quoted(text), what)};
  Parsed parsed;
  const char* end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, parsed.number);
  if (problem == std::errc::result_out_of_range)
    return Error{fmt::format("{} is not a {}: the number is too large", quoted(text), what)};
  if (problem != std::errc())
    return Error{fmt::format("{} is not a {}: it does not start with a digit", quoted(text), what)};
  parsed.suffix.assign(rest, end);
  std::transform(parsed.suffix.begin(), parsed.suffix.end(), parsed.suffix.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return parsed;
}

}  // namespace

Result<std::uint64_t> parse_size(std::string_view text) {
  auto parsed = split_number(text, "size");
  if (!parsed) return parsed.error();
  std::string suffix = parsed->suffix;
  if (suffix == "b") suffix.clear();
  // "k", "kb" and "kib" are the same here: fio's default is base 1024 for all of them.
  if (suffix.size() == 3 && suffix.ends_with("ib")) suffix.resize(1);
  if (suffix.size() == 2 && suffix.ends_with("b")) suffix.resize(1);
  constexpr std::string_view letters = "kmgt";
  unsigned shift = 0;
  if (!suffix.empty()) {
    const auto at = suffix.size() == 1 ? letters.find(suffix) : std::string_view::npos;
    if (at == std::string_view::npos)
      return Error{fmt::format("{} is not a size: the suffix \"{}\" is none of k, m, g, t",
                               quoted(text), parsed->suffix)};
    shift = 10 * (static_cast<unsigned>(at) + 1);
  }
  if (parsed->number > (std::numeric_limits<std::uint64_t>::max() >> shift))
    return Error{fmt::format("{} is not a size: the number is too large", quoted(text))};
  return parsed->number << shift;
}

Result<Nanos> parse_time(std::string_view text) {
  auto parsed = split_number(text, "time");
  if (!parsed) return parsed.error();
  struct Unit {
    std::string_view name;
    std::int64_t ns;
  };
  constexpr std::int64_t second = 1'000'000'000;
  static constexpr std::array<Unit, 10> units{{{"", second},
                                               {"ns", 1},
                                               {"us", 1'000},
                                               {"usec", 1'000},
                                               {"ms", 1'000'000},
                                               {"msec", 1'000'000},
                                               {"s", second},
                                               {"m", 60 * second},
                                               {"h", 3600 * second},
                                               {"d", 86400 * second}}};
  const auto* unit = std::find_if(units.begin(), units.end(),
                                  [&](const Unit& one) { return one.name == parsed->suffix; });
  if (unit == units.end())
    return Error{fmt::format("{} is not a time: the unit \"{}\" is none of ns, us, ms, s, m, h, d",
                             quoted(text), parsed->suffix)};
  const auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max() / unit->ns);
  if (parsed->number > most)
    return Error{fmt::format("{} is not a time: the number is too large", quoted(text))};
  return Nanos(static_cast<std::int64_t>(parsed->number) * unit->ns);
}

std::string format_size(std::uint64_t bytes) {
  constexpr std::string_view letters = "kmgt";
  std::size_t steps = 0;
  while (bytes != 0 && bytes % 1024 == 0 && steps < letters.size()) {
    bytes /= 1024;
    ++steps;
  }
  std::string text = fmt::format("{}", bytes);
  if (steps > 0) text += letters[steps - 1];
  return text;
}

std::string format_time(Nanos span) {
  struct Unit {
    double ns;
    std::string_view name;
  };
  static constexpr std::array<Unit, 4> units{{{1, "ns"}, {1e3, "us"}, {1e6, "ms"}, {1e9, "s"}}};
  const auto ns = static_cast<double>(span.count());
  std::size_t at = 0;
  // 999.5 of a unit would round to "1000": it is shown in the next one.
  while (at + 1 < units.size() && std::fabs(ns) / units.at(at).ns >= 999.5)
    ++at;
  const double value = ns / units.at(at).ns;
  const double size = std::fabs(value);
  const int decimals = at == 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f} {}", value, decimals, units.at(at).name);
}

}  // namespace daxbreak
