// SPDX-License-Identifier: GPL-2.0
#include "job/measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/units.h"
#include "job/words.h"
#include "trial/cell.h"
#include "workloads/storm/storm.h"

namespace daxbreak {
namespace {

constexpr std::uint64_t kib = 1UL << 10;
constexpr std::uint64_t mib = 1UL << 20;
constexpr std::uint64_t gib = 1UL << 30;
constexpr std::uint64_t second = 1000000000;
/// Never broken: an eighth of the file, but not so much that checking it takes long.
constexpr std::uint64_t kept_most = 16 * mib;

constexpr std::array keys{
    SweepKey{"pinners", "N,...", "storm: threads that pin", SweepKind::count,
             &MeasurePoint::pinner_count, 0, 256},
    SweepKey{"breakers", "N,...", "storm: threads that break", SweepKind::count,
             &MeasurePoint::breaker_count, 0, 256},
    SweepKey{"files", "N,...", "storm: files, shared out among the threads", SweepKind::count,
             &MeasurePoint::files, 1, 64},
    SweepKey{"mapped", "SIZE|N%,...", "how much of each file is mapped (default: all)",
             SweepKind::share, &MeasurePoint::mapped, 4 * kib, 64 * gib},
    SweepKey{"pins_per_page", "N,...", "storm: references that each pin takes on its pages",
             SweepKind::count, &MeasurePoint::pins_per_page, 1, 64},
    SweepKey{"numjobs", "N,...", "plain loads: threads", SweepKind::count, &MeasurePoint::numjobs,
             1, 256},
    SweepKey{"iodepth", "N,...", "operations in flight, or pieces that a pinner holds",
             SweepKind::count, &MeasurePoint::iodepth, 1, 256},
    SweepKey{"bs", "SIZE,...", "bytes of each operation", SweepKind::size,
             &MeasurePoint::block_size, 1, gib},
    SweepKey{"thinktime", "TIME,...", "pause before each break, or operation of a plain load",
             SweepKind::time, &MeasurePoint::think_ns, 0, 60 * second},
    SweepKey{"pin_thinktime", "TIME,...",
             "storm: pause of a pinner that has let go of its iodepth pieces", SweepKind::time,
             &MeasurePoint::pin_think_ns, 0, 60 * second},
    SweepKey{"refault", "0|1,...",
             "storm: 0: nobody touches the file while a break waits (default: 1)", SweepKind::count,
             &MeasurePoint::refault, 0, 1},
    SweepKey{"rate_iops", "N,...",
             "at most so many breaks, or operations of a plain load, a second "
             "and thread",
             SweepKind::count, &MeasurePoint::rate_iops, 0, 100000000},
    SweepKey{"hold", "TIME,...",
             "how long pieces are held, or the block device of O_DIRECT pins takes",
             SweepKind::time, &MeasurePoint::hold_ns, 0, 10 * second},
};

/// fio reads sizes of files under `size`; outside measurements that key means the NVDIMM.
constexpr SweepKey size_key{"size",          "SIZE,...",          "bytes of each file",
                            SweepKind::size, &MeasurePoint::size, 64 * kib,
                            64 * gib};

Result<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc() || rest != end)
    return Error{fmt::format("\"{}\" is no whole number", text)};
  return number;
}

Result<SweepValue> value_of(const SweepKey& key, std::string_view text) {
  SweepValue value{.text = std::string(text)};
  if (key.kind == SweepKind::share && text.ends_with('%')) {
    auto percent = number_of(text.substr(0, text.size() - 1));
    if (!percent || *percent < 1 || *percent > 100)
      return Error{fmt::format("{}={} makes no sense; a share is 1% to 100%", key.name, text)};
    value.value = *percent;
    value.percent = true;
    return value;
  }
  Result<std::uint64_t> number = std::uint64_t{0};
  if (key.kind == SweepKind::count) {
    number = number_of(text);
  } else if (key.kind == SweepKind::time) {
    auto time = parse_time(text);
    number = time ? Result<std::uint64_t>(static_cast<std::uint64_t>(time->count()))
                  : Result<std::uint64_t>(time.error());
  } else {
    number = parse_size(text);
  }
  if (!number) return number.error();
  if (*number < key.least || *number > key.most)
    return Error{fmt::format("{}={} makes no sense; it is {} to {}", key.name, text,
                             setting_text(key, key.least), setting_text(key, key.most))};
  value.value = *number;
  return value;
}

/// A share of the file, in whole pages, one at least.
std::uint64_t share_of(const MeasurePoint& point, std::uint64_t percent) {
  const std::uint64_t pages = point.size / point.page_size * percent / 100;
  return std::max<std::uint64_t>(1, pages) * point.page_size;
}

/// Every point of `points` once for each value.
void multiply(std::vector<MeasurePoint>& points, const SweepKey& key,
              const std::vector<SweepValue>& values) {
  std::vector<MeasurePoint> all;
  for (const MeasurePoint& point : points)
    for (const SweepValue& value : values) {
      all.push_back(point);
      MeasurePoint& fresh = all.back();
      fresh.*key.field = value.percent ? share_of(point, value.value) : value.value;
      if (values.size() > 1) fresh.swept[std::string(key.name)] = value.text;
    }
  points = std::move(all);
}

/// The kinds that a storm has at each of its points.
std::vector<std::vector<std::string>> choices(const std::vector<std::string>& kinds, bool mixed) {
  if (mixed) return {kinds};
  std::vector<std::vector<std::string>> each;
  for (const std::string& kind : kinds)
    each.push_back({kind});
  return each;
}

void add_kinds(std::vector<MeasurePoint>& points, const MeasureWish& wish) {
  const auto pins = choices(wish.pins, wish.mixed);
  const auto breakers = choices(wish.breakers, wish.mixed);
  std::vector<MeasurePoint> all;
  for (const MeasurePoint& point : points) {
    if (point.load != storm_name) {
      all.push_back(point);
      continue;
    }
    for (const auto& breaker : breakers)
      for (const auto& pin : pins) {
        all.push_back(point);
        all.back().pins = pin;
        all.back().breakers = breaker;
        if (pins.size() > 1) all.back().swept["pin"] = pin.front();
        if (breakers.size() > 1) all.back().swept["breaker"] = breaker.front();
      }
  }
  points = std::move(all);
}

bool clones(const std::string& breaker) {
  const StormBreakKind* const kind = StormBreakRegistry::find(breaker);
  return kind != nullptr && kind->clones;
}

/// What keeps a storm's breakers from breaking clones; "" if nothing does.
std::string objection_to_clones(const MeasurePoint& point) {
  const auto cloner = std::find_if(point.breakers.begin(), point.breakers.end(), clones);
  if (cloner == point.breakers.end()) return "";
  if (point.filesystem != "xfs")
    return fmt::format("{} needs files that share blocks, which {} has not; write filesystem=xfs",
                       *cloner, point.filesystem);
  // Where blocks become shared a 2 MiB entry and faults for 4 KiB meet: BUG_ON() in fs/inode.c,
  // clear_inode() (6.1, 6.12; configs/known-findings, evict-finds-entries).
  if (point.page_size != 4 * kib)
    return fmt::format(
        "{} needs pages of 4k: kernels do not survive shared blocks in pages of 2m "
        "(evict-finds-entries); write pagesize=4k",
        *cloner);
  if (const auto other = std::find_if_not(point.breakers.begin(), point.breakers.end(), clones);
      other != point.breakers.end())
    return fmt::format(
        "{} gives the file blocks of its own, which {} cannot wait for; leave one of them, or mix, "
        "out",
        *other, *cloner);
  // A break locks faults of its own inode out and those of the file not: pages that it has found
  // idle are pinned when their entries are deleted (6.1, fs/dax.c, dax_disassociate_entry() warns).
  if (point.refault != 0)
    return fmt::format(
        "{} needs refault=0: its break keeps nobody from pinning the same pages through the file "
        "itself",
        *cloner);
  for (const std::string& pin : point.pins)
    if (const StormPinKind* const kind = StormPinRegistry::find(pin); kind && !kind->shared)
      return fmt::format(
          "{} needs pins that hold shared blocks and leave them shared, which {} are not; write "
          "pin=vmsplice",
          *cloner, pin);
  return "";
}

}  // namespace

std::string MeasurePoint::id() const {
  std::string text = fmt::format("{}/{}/{}", filesystem, format_size(page_size), load);
  if (!pins.empty()) text += "/" + fmt::format("{}", fmt::join(pins, "+"));
  if (!breakers.empty()) text += "/" + fmt::format("{}", fmt::join(breakers, "+"));
  for (const auto& [key, value] : swept)
    if (key != "pin" && key != "breaker") text += fmt::format(" {}={}", key, value);
  return text;
}

std::span<const SweepKey> sweep_keys() {
  return keys;
}

const SweepKey* find_sweep_key(std::string_view name) {
  if (name == size_key.name) return &size_key;
  const auto* const at =
      std::find_if(keys.begin(), keys.end(), [&](const SweepKey& key) { return key.name == name; });
  return at == keys.end() ? nullptr : at;
}

std::string setting_text(const SweepKey& key, std::uint64_t value) {
  if (key.kind == SweepKind::count) return std::to_string(value);
  if (key.kind == SweepKind::time)
    return value == 0 ? "0" : format_time(Nanos(static_cast<Nanos::rep>(value)));
  return format_size(value);
}

Result<std::vector<SweepValue>> sweep_values(const SweepKey& key, std::string_view list) {
  std::vector<SweepValue> values;
  for (const ListWord& word : split_list(list)) {
    if (word.text.empty())
      return Error{fmt::format("the list of {} has an empty place", key.name),
                   static_cast<int>(word.offset)};
    auto value = value_of(key, word.text);
    if (!value) return Error{value.error().doing, static_cast<int>(word.offset)};
    const auto same = [&](const SweepValue& other) {
      return other.value == value->value && other.percent == value->percent;
    };
    if (std::none_of(values.begin(), values.end(), same)) values.push_back(std::move(*value));
  }
  return values;
}

std::vector<MeasurePoint> measure_points(const MeasureWish& wish, std::string_view job,
                                         std::string_view kernel,
                                         std::span<const std::string> filesystems,
                                         std::span<const std::uint64_t> page_sizes) {
  std::vector<MeasurePoint> points;
  for (const std::string& load : wish.loads)
    for (const std::uint64_t page_size : page_sizes)
      for (const std::string& filesystem : filesystems) {
        points.push_back(wish.scalars);
        MeasurePoint& point = points.back();
        point.job = job;
        point.kernel = kernel;
        point.load = load;
        point.filesystem = filesystem;
        point.page_size = page_size;
      }
  add_kinds(points, wish);
  // The size first: shares are of it.
  if (const auto sizes = wish.swept.find("size"); sizes != wish.swept.end())
    multiply(points, size_key, sizes->second);
  for (const SweepKey& key : keys)
    if (const auto values = wish.swept.find(std::string(key.name)); values != wish.swept.end())
      multiply(points, key, values->second);
  return points;
}

std::map<std::string, std::string> settings_of(const MeasurePoint& point) {
  std::map<std::string, std::string> settings;
  settings[std::string(size_key.name)] = std::to_string(point.*size_key.field);
  for (const SweepKey& key : keys)
    settings[std::string(key.name)] = std::to_string(point.*key.field);
  if (!point.pins.empty()) settings["pin"] = fmt::format("{}", fmt::join(point.pins, "+"));
  if (!point.breakers.empty())
    settings["breaker"] = fmt::format("{}", fmt::join(point.breakers, "+"));
  return settings;
}

std::string text_of(const MeasurePoint& point) {
  std::string text = point.job + " " + point.id();
  for (const auto& [key, value] : settings_of(point))
    text += fmt::format(" {}={}", key, value);
  return text + fmt::format(" loops={} repeat={} seed={} random={} ramp={} runtime={} observe={}",
                            point.loops, point.repetitions, point.seed, point.random,
                            point.ramp.count(), point.runtime.count(),
                            static_cast<int>(point.observe));
}

std::uint64_t kept_bytes(const MeasurePoint& point) {
  const std::uint64_t eighth = std::min(point.size / 8, kept_most) / point.page_size;
  return std::max<std::uint64_t>(1, eighth) * point.page_size;
}

bool breaks_clones(const MeasurePoint& point) {
  return std::any_of(point.breakers.begin(), point.breakers.end(), clones);
}

std::string objection_to(const MeasurePoint& point) {
  if (point.load == storm_name && point.filesystem == device_dax_name)
    return "a storm needs files to break; device-dax has none";
  if (device_memory_of(point.filesystem) != DeviceMemory::none)
    return "there is no load for memory that a device takes";
  if (const LoadKind* kind = LoadRegistry::find(point.load)) {
    const bool device = point.filesystem == device_dax_name;
    if (device && !kind->device) return fmt::format("{} works on files alone", point.load);
    if (!device && !kind->file) return fmt::format("{} works on device-dax alone", point.load);
  }
  if (point.mapped > point.size)
    return fmt::format("mapped={} is more than the file; write size={}", format_size(point.mapped),
                       format_size(point.mapped));
  if (point.size % point.page_size != 0 || point.mapped % point.page_size != 0)
    return fmt::format("size and mapped must be whole pages of {}", format_size(point.page_size));
  if (point.size < 2 * point.page_size)
    return fmt::format("the file needs two pages of {} at least", format_size(point.page_size));
  if (point.load == storm_name && point.block_size % 4096 != 0)
    return "a storm's bs must be whole pages of 4k";
  if (point.load == storm_name && point.pinner_count + point.breaker_count == 0)
    return "pinners=0 and breakers=0 leave nothing to do";
  if (point.load == storm_name && point.breaker_count > 0 && point.files > point.breaker_count)
    return fmt::format("files={} leaves files without a breaker; write breakers={}", point.files,
                       point.files);
  if (point.load.starts_with("break-") && point.numjobs > point.files)
    return fmt::format("{} has a file for itself; write files={}", point.load, point.numjobs);
  if (const std::string why = objection_to_clones(point); !why.empty()) return why;
  if (point.refault == 0)
    for (const std::string& pin : point.pins)
      if (const StormPinKind* const kind = StormPinRegistry::find(pin); kind && !kind->in_parts)
        return fmt::format(
            "refault=0 needs pins that are let go by a call of their own, which {} are not; write "
            "pin=vmsplice or pin=io-uring",
            pin);
  if (point.load == storm_name && point.size - kept_bytes(point) < point.block_size)
    return "bs is larger than what may be broken; write a smaller bs= or a larger size=";
  return "";
}

}  // namespace daxbreak
