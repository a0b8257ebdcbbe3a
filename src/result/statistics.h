// SPDX-License-Identifier: GPL-2.0
/// Latency statistics that fio's tools read without noticing a difference.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace daxbreak {

/// fio's log-linear histogram with its moments. Values are nanoseconds; a bucket is at most 1/64 of
/// its value wide, so that a value read back from its bucket's middle is off by less than 1/128.
/// 29 groups of 64 buckets reach 17 s; larger values share the last bucket (min, max and mean stay
/// exact). Source: fio 3.33, stat.c: plat_val_to_idx(), plat_idx_to_val(), calc_clat_percentiles(),
/// add_stat_sample(), __sum_stat(). A value type of 15 KiB; nothing here allocates but bins().
class Statistics {
 public:
  static constexpr unsigned significant_bits = 6;
  static constexpr unsigned per_group = 1U << significant_bits;
  static constexpr unsigned groups = 29;
  static constexpr unsigned buckets = groups * per_group;  // 1856

  /// The percentiles that fio prints unless told otherwise.
  static constexpr std::array<double, 17> default_percentiles = {
      1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99, 99.5, 99.9, 99.95, 99.99};

  /// Takes one value in. A negative one (clocks of two CPUs) counts as 0.
  void add(std::int64_t value_ns);

  /// Takes all of another one's values in; the same as if they had been added here.
  void merge(const Statistics& other);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// 0 where nothing was added, here and below.
  [[nodiscard]] std::int64_t min() const { return count_ == 0 ? 0 : min_; }
  [[nodiscard]] std::int64_t max() const { return max_; }
  [[nodiscard]] double mean() const { return mean_; }
  /// Of the sample (n - 1), as fio has it; 0 below two values.
  [[nodiscard]] double stddev() const;

  /// The bucket's middle at which `percent` of the values (0 < percent <= 100) are reached.
  [[nodiscard]] std::int64_t percentile(double percent) const;

  /// The buckets that are not empty: middle in nanoseconds, number of values. Ascending.
  [[nodiscard]] std::vector<std::pair<std::int64_t, std::uint64_t>> bins() const;

  /// All there is to it, for the event stream: what from() makes of it is the same again.
  struct Parts {
    std::int64_t min = 0;
    std::int64_t max = 0;
    double mean = 0;
    double squares = 0;
    std::vector<std::pair<unsigned, std::uint64_t>> bins;  ///< bucket, values; those not empty
  };
  [[nodiscard]] Parts parts() const;
  /// Buckets that do not exist are left out.
  [[nodiscard]] static Statistics from(const Parts& parts);

  /// The bucket of a value, and the value that stands for a bucket.
  [[nodiscard]] static unsigned bucket_of(std::uint64_t value_ns);
  [[nodiscard]] static std::int64_t middle_of(unsigned bucket);

 private:
  std::array<std::uint64_t, buckets> bins_{};
  std::uint64_t count_ = 0;
  std::int64_t min_ = 0;
  std::int64_t max_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // sum of squared distances from the mean (Welford)
};

/// The statistics of a list of values.
[[nodiscard]] Statistics statistics_of(std::span<const std::int64_t> values_ns);

}  // namespace daxbreak
