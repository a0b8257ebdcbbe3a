// SPDX-License-Identifier: GPL-2.0
#include "report/fio_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "report/text.h"

namespace daxbreak {
namespace {

/// Three significant digits and a suffix: "94.0k", "367Mi".
std::string scaled(double value, double base, const std::array<std::string_view, 5>& suffixes) {
  std::size_t step = 0;
  while (value >= base && step + 1 < suffixes.size()) {
    value /= base;
    ++step;
  }
  const int digits = step == 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return fmt::format("{:.{}f}{}", value, digits, suffixes[step]);
}

std::string decimal(double value) {
  return scaled(value, 1000, {"", "k", "M", "G", "T"});
}
std::string binary(double value) {
  return scaled(value, 1024, {"", "Ki", "Mi", "Gi", "Ti"});
}

struct Unit {
  std::string_view name;
  std::int64_t ns;
};

/// fio's rule (stat.c, show_lat() and show_clat_percentiles()): the next unit when the smallest
/// value still has four digits and the largest has more than five.
Unit unit_for(std::int64_t min, std::int64_t max) {
  if (min > 2'000'000 && max > 99'999'999) return {"msec", 1'000'000};
  if (min > 2'000 && max > 99'999) return {"usec", 1'000};
  return {"nsec", 1};
}

std::string percentile_lines(const std::string& name, const Statistics& statistics) {
  constexpr std::size_t per_line = 4;
  const auto& list = Statistics::default_percentiles;
  const Unit unit =
      unit_for(statistics.percentile(list.front()), statistics.percentile(list.back()));
  const std::string widest = fmt::format("{}", statistics.percentile(list.back()) / unit.ns);
  const std::size_t width = std::max<std::size_t>(5, widest.size());
  std::string out = fmt::format("    {} percentiles ({}):\n", name, unit.name);
  for (std::size_t i = 0; i < list.size(); ++i) {
    out += i % per_line == 0 ? "     | " : " ";
    out += fmt::format("{:5.2f}th=[{:>{}}]", list.at(i),
                       statistics.percentile(list.at(i)) / unit.ns, width);
    const bool last = i + 1 == list.size();
    if (!last) out += ',';
    if (last || i % per_line == per_line - 1) out += '\n';
  }
  return out;
}

std::string block(const Group& group, std::size_t id, const Style& style) {
  const Statistics breaks = statistics_of(group.break_ns);
  const double inside = breaks.mean() * static_cast<double>(breaks.count()) / 1e9;
  std::string where = group.environment.scheme;
  if (group.environment.version.find(' ') == std::string::npos &&
      !group.environment.version.empty())
    where += (where.empty() ? "" : ", ") + group.environment.version;
  if (group.environment.accelerator == "tcg") where += " (tcg: timings under software emulation)";
  std::string out =
      style.paint(Ink::strong, fmt::format("{}: (groupid={}, jobs={}): err={:2}: {}", group.name(),
                                           id, group.tally.ran(), group.tally.failed, where)) +
      "\n";

  if (breaks.count() > 0) {
    const double bytes = static_cast<double>(group.break_bytes);
    const double per_second = inside > 0 ? 1 / inside : 0;
    out += fmt::format("  trim: IOPS={}, BW={}B/s ({}B/s)({}B/{:.0f}msec)\n",
                       decimal(static_cast<double>(breaks.count()) * per_second),
                       binary(bytes * per_second), decimal(bytes * per_second), binary(bytes),
                       inside * 1000);
    out += format_latency("clat", breaks, true);
  }
  out += format_latency("blocked", statistics_of(group.blocked_ns), false);
  out += format_latency("wake", statistics_of(group.wake_ns), true);
  out += format_latency("put-wake", statistics_of(group.put_to_wake_ns), false);
  if (const Statistics scans = statistics_of(group.scans); scans.count() > 0)
    out += fmt::format("  scans        : min={}, max={}, avg={:.2f}\n", scans.min(), scans.max(),
                       scans.mean());
  out += fmt::format("  verdicts     : pass={}, fail={}, inconclusive={}, skip={}\n",
                     group.tally.passed, group.tally.failed, group.tally.inconclusive,
                     group.tally.skipped);
  if (group.poked > 0)
    out += fmt::format("  poked        : {}, not in these times: only a signal ended them\n",
                       group.poked);
  return out;
}

}  // namespace

std::string format_latency(const std::string& name, const Statistics& statistics,
                           bool percentiles) {
  if (statistics.count() == 0) return "";
  const Unit unit = unit_for(statistics.min(), statistics.max());
  const auto scale = static_cast<double>(unit.ns);
  std::string out =
      fmt::format("    {} ({}): min={:>5}, max={:>5}, avg={:5.2f}, stdev={:5.2f}\n", name,
                  unit.name, statistics.min() / unit.ns, statistics.max() / unit.ns,
                  statistics.mean() / scale, statistics.stddev() / scale);
  return percentiles ? out + percentile_lines(name, statistics) : out;
}

std::string format_fio_text(const RunRecord& run, const std::vector<KnownFinding>& known,
                            GroupBy by, const Style& style) {
  std::string out;
  std::size_t id = 0;
  for (const Group& group : groups_of(run, known, by)) {
    out += (id > 0 ? "\n" : "") + block(group, id, style);
    ++id;
  }
  return out;
}

}  // namespace daxbreak
