// SPDX-License-Identifier: GPL-2.0
#include "report/measure_words.h"

#include <fmt/format.h>

#include "base/units.h"
#include "job/measure.h"
#include "report/text.h"
#include "trial/cell.h"
#include "workloads/storm/storm.h"

namespace daxbreak {
namespace {

/// The settings of a measurement as words. Where nobody said, they are "?".
class Wording {
 public:
  Wording(const MeasureRecord& record, const SweptValues& swept) : record_(record), swept_(swept) {}

  [[nodiscard]] bool is_swept(const std::string& key) const { return swept_.contains(key); }

  /// A key that has this value at every point. Numbers are as records have them: bytes,
  /// nanoseconds.
  [[nodiscard]] bool is(const std::string& key, std::string_view value) const {
    const auto at = record_.settings.find(key);
    return !is_swept(key) && at != record_.settings.end() && at->second == value;
  }

  /// A key with a value that changes something: swept, or not 0.
  [[nodiscard]] bool matters(const std::string& key) const {
    return is_swept(key) || (record_.settings.contains(key) && !is(key, "0"));
  }

  /// "64k"; of a key that was swept "4k/64k/1m".
  [[nodiscard]] std::string of(const std::string& key) const {
    if (const auto at = swept_.find(key); at != swept_.end())
      return fmt::format("{}", fmt::join(at->second, "/"));
    if (const auto at = record_.point.find(key); at != record_.point.end()) return at->second;
    const auto at = record_.settings.find(key);
    if (at == record_.settings.end()) return "?";
    const SweepKey* const known = find_sweep_key(key);
    const auto number = parse_size(at->second);
    return known != nullptr && number ? setting_text(*known, *number) : at->second;
  }

  /// "4 pieces", "1/2/4 pieces".
  [[nodiscard]] std::string counted(const std::string& key, std::string_view noun) const {
    return is(key, "1") ? plural(1, noun) : fmt::format("{} {}s", of(key), noun);
  }

  [[nodiscard]] std::string pinners() const {
    if (is("pinners", "0")) return "Nobody pins";
    return fmt::format(
        "Pinners: {}, each of which takes {} of {} by {}{}, holds them for {} and pauses for {}",
        of("pinners"), counted("iodepth", "piece"), of("bs"), of("pin"),
        is("pins_per_page", "1")
            ? ""
            : fmt::format(" with {} references on each page", of("pins_per_page")),
        of("hold"), of("pin_thinktime"));
  }

  [[nodiscard]] std::string breakers() const {
    if (is("breakers", "0")) return "nobody breaks";
    return fmt::format("breakers: {}, by {} of {}{}", of("breakers"), of("breaker"), of("bs"),
                       pace());
  }

  /// What holds threads back that would else do one operation after the other.
  [[nodiscard]] std::string pace() const {
    std::string text;
    if (matters("thinktime")) text += fmt::format(", each after a pause of {}", of("thinktime"));
    if (matters("rate_iops"))
      text += fmt::format(", at most {} a second and thread", of("rate_iops"));
    return text;
  }

  /// Where it was done, and how much of that is mapped.
  [[nodiscard]] std::string place() const {
    std::string text = record_.filesystem == device_dax_name
                           ? std::string("a device-dax node")
                           : fmt::format("{} of {} on {}", counted("files", "file"), of("size"),
                                         record_.filesystem);
    text += fmt::format(", mapped by pages of {}", format_size(record_.page_size));
    if (matters("mapped")) text += fmt::format(", {} of it", of("mapped"));
    return text;
  }

  [[nodiscard]] std::string storm() const {
    std::string text = fmt::format("{}; {}; {}", pinners(), breakers(), place());
    if (is("refault", "0"))
      text += "; nobody touches a file while a break waits (`refault=0`)";
    else if (is_swept("refault"))
      text += fmt::format("; `refault` is {}", of("refault"));
    return text;
  }

  [[nodiscard]] std::string plain_load() const {
    const LoadKind* const kind = LoadRegistry::find(record_.load);
    const std::string_view help = kind == nullptr ? "" : kind->help;
    std::string text = fmt::format("`{}`", record_.load);
    if (!help.empty()) text += fmt::format(": {}", help);
    text += fmt::format("; `bs` {}", of("bs"));
    // Sections inherit keys that their load does not know.
    if (is_swept("iodepth") || help.find("iodepth") != std::string_view::npos)
      text += fmt::format("; `iodepth` {}", of("iodepth"));
    text += fmt::format("; {}{}", counted("numjobs", "thread"), pace());
    return fmt::format("{}; {}", text, place());
  }

 private:
  const MeasureRecord& record_;
  const SweptValues& swept_;
};

}  // namespace

std::string setup_words(const MeasureRecord& record, const SweptValues& swept) {
  const Wording words(record, swept);
  // Whoever wrote the record may have kept no settings, or those of a pair with fio.
  if (!record.settings.contains("files"))
    return fmt::format("`{}` on {}, mapped by pages of {}", record.load, record.filesystem,
                       format_size(record.page_size));
  return record.load == storm_name ? words.storm() : words.plain_load();
}

}  // namespace daxbreak
