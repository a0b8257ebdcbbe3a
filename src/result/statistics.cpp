// SPDX-License-Identifier: GPL-2.0
#include "result/statistics.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace daxbreak {

unsigned Statistics::bucket_of(std::uint64_t value_ns) {
  const unsigned msb = value_ns == 0 ? 0 : static_cast<unsigned>(std::bit_width(value_ns)) - 1;
  // The first two groups hold every value exactly.
  if (msb <= significant_bits) return static_cast<unsigned>(value_ns);
  const unsigned lost_bits = msb - significant_bits;
  const unsigned group = (lost_bits + 1) << significant_bits;
  const auto offset = static_cast<unsigned>((value_ns >> lost_bits) & (per_group - 1));
  return std::min(group + offset, buckets - 1);
}

std::int64_t Statistics::middle_of(unsigned bucket) {
  if (bucket < per_group * 2) return bucket;
  const unsigned lost_bits = (bucket >> significant_bits) - 1;
  const std::int64_t base = std::int64_t{1} << (lost_bits + significant_bits);
  const std::int64_t width = std::int64_t{1} << lost_bits;
  const std::int64_t offset = bucket % per_group;
  return base + (offset * width) + (width / 2);
}

void Statistics::add(std::int64_t value_ns) {
  const std::int64_t value = std::max<std::int64_t>(value_ns, 0);
  ++bins_[bucket_of(static_cast<std::uint64_t>(value))];
  min_ = count_ == 0 ? value : std::min(min_, value);
  max_ = std::max(max_, value);
  ++count_;
  const double distance = static_cast<double>(value) - mean_;
  mean_ += distance / static_cast<double>(count_);
  squares_ += distance * (static_cast<double>(value) - mean_);
}

void Statistics::merge(const Statistics& other) {
  if (other.count_ == 0) return;
  min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  const auto mine = static_cast<double>(count_);
  const auto theirs = static_cast<double>(other.count_);
  const double all = mine + theirs;
  const double apart = other.mean_ - mean_;
  mean_ = ((mean_ * mine) + (other.mean_ * theirs)) / all;
  squares_ += other.squares_ + (apart * apart * mine * theirs / all);
  count_ += other.count_;
  for (unsigned bucket = 0; bucket < buckets; ++bucket)
    bins_[bucket] += other.bins_[bucket];
}

double Statistics::stddev() const {
  return count_ < 2 ? 0.0 : std::sqrt(squares_ / static_cast<double>(count_ - 1));
}

std::int64_t Statistics::percentile(double percent) const {
  if (count_ == 0) return 0;
  const long double wanted = static_cast<long double>(percent) / 100.0L * count_;
  std::uint64_t reached = 0;
  std::int64_t highest = 0;
  for (unsigned bucket = 0; bucket < buckets; ++bucket) {
    if (bins_[bucket] == 0) continue;
    reached += bins_[bucket];
    highest = middle_of(bucket);
    if (static_cast<long double>(reached) >= wanted) break;
  }
  return highest;
}

std::vector<std::pair<std::int64_t, std::uint64_t>> Statistics::bins() const {
  std::vector<std::pair<std::int64_t, std::uint64_t>> filled;
  for (unsigned bucket = 0; bucket < buckets; ++bucket)
    if (bins_[bucket] != 0) filled.emplace_back(middle_of(bucket), bins_[bucket]);
  return filled;
}

Statistics::Parts Statistics::parts() const {
  Parts parts{.min = min_, .max = max_, .mean = mean_, .squares = squares_, .bins = {}};
  for (unsigned bucket = 0; bucket < buckets; ++bucket)
    if (bins_[bucket] != 0) parts.bins.emplace_back(bucket, bins_[bucket]);
  return parts;
}

Statistics Statistics::from(const Parts& parts) {
  Statistics statistics;
  statistics.min_ = parts.min;
  statistics.max_ = parts.max;
  statistics.mean_ = parts.mean;
  statistics.squares_ = parts.squares;
  for (const auto& [bucket, values] : parts.bins) {
    if (bucket >= buckets) continue;
    statistics.bins_[bucket] += values;
    statistics.count_ += values;
  }
  return statistics;
}

Statistics statistics_of(std::span<const std::int64_t> values_ns) {
  Statistics statistics;
  for (const std::int64_t value : values_ns)
    statistics.add(value);
  return statistics;
}

}  // namespace daxbreak
