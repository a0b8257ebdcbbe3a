// SPDX-License-Identifier: GPL-2.0
#include "job/expand.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "job/cover.h"
#include "job/sense.h"

namespace daxbreak {
namespace {

bool frees_early(const std::string& disturber) {
  const DisturberKind* kind = DisturberRegistry::find(disturber);
  return kind != nullptr && kind->unmaps;
}

std::vector<Cell> product_cells(const Job& job, const std::string& kernel) {
  std::vector<Cell> cells;
  for (const std::string& disturber : job.disturbers)
    for (const std::uint64_t page_size : job.page_sizes)
      for (const std::string& filesystem : job.filesystems)
        for (const std::string& breaker : job.breakers)
          for (const std::string& gate : job.gates)
            for (const std::string& memory : job.memories)
              for (const std::string& range : job.ranges)
                for (const std::string& pin : job.pins)
                  cells.push_back({.kernel = kernel,
                                   .filesystem = filesystem,
                                   .page_size = page_size,
                                   .pin = pin,
                                   .breaker = breaker,
                                   .disturber = disturber,
                                   .gate = gate,
                                   .memory = memory,
                                   .range = range});
  return cells;
}

/// FNV-1a, 64 bits, over lines.
class Fingerprint {
 public:
  void take(std::string_view line) {
    for (const char c : line)
      take(c);
    take('\n');
  }
  [[nodiscard]] std::uint64_t hash() const { return hash_; }

 private:
  void take(char c) {
    hash_ ^= static_cast<unsigned char>(c);
    hash_ *= 0x100000001b3U;
  }
  std::uint64_t hash_ = 0xcbf29ce484222325U;
};

/// A number of a shard: digits and nothing else.
bool read_number(std::string_view text, unsigned& into) {
  const char* const end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, into);
  return problem == std::errc() && rest == end && into > 0;
}

}  // namespace

Expansion expand_jobs(std::span<const Job> jobs, const std::string& kernel) {
  std::vector<const Job*> ordered;
  unsigned rounds = 0;
  for (const Job& job : jobs) {
    ordered.push_back(&job);
    rounds = std::max(rounds, job.repeat);
  }
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const Job* left, const Job* right) { return left->weight > right->weight; });

  Expansion all;
  std::vector<std::vector<Cell>> of_job;
  for (const Job* job : ordered) {
    if (job->measures()) {
      auto points =
          measure_points(job->measure, job->name, kernel, job->filesystems, job->page_sizes);
      all.measures.insert(all.measures.end(), points.begin(), points.end());
      of_job.emplace_back();
      continue;
    }
    if (job->cover == Cover::pairwise) {
      PairwiseCells chosen = pairwise_cells(*job, kernel);
      all.covers.push_back({.job = job->name,
                            .seed = job->seed,
                            .cells = chosen.cells.size(),
                            .pairs = chosen.pairs});
      of_job.push_back(std::move(chosen.cells));
    } else {
      of_job.push_back(product_cells(*job, kernel));
    }
    std::stable_partition(of_job.back().begin(), of_job.back().end(),
                          [](const Cell& cell) { return !frees_early(cell.disturber); });
  }
  for (unsigned round = 0; round < rounds; ++round) {
    std::set<Cell> seen;
    for (std::size_t at = 0; at < ordered.size(); ++at) {
      if (round >= ordered[at]->repeat) continue;
      for (const Cell& cell : of_job[at])
        if (seen.insert(cell).second) all.cells.push_back(cell);
    }
  }
  std::stable_partition(all.cells.begin(), all.cells.end(),
                        [](const Cell& cell) { return !can_wedge(cell); });
  return all;
}

std::vector<Cell> expand(std::span<const Job> jobs, const std::string& kernel) {
  return expand_jobs(jobs, kernel).cells;
}

Result<Shard> parse_shard(std::string_view text) {
  const auto slash = text.find('/');
  Shard shard;
  const bool good = slash != std::string_view::npos &&
                    read_number(text.substr(0, slash), shard.number) &&
                    read_number(text.substr(slash + 1), shard.of);
  if (!good) return Error{fmt::format("\"{}\" is no shard; write the second of four as 2/4", text)};
  if (shard.number > shard.of)
    return Error{
        fmt::format("there is no shard {} of {}; they are counted from 1", shard.number, shard.of)};
  return shard;
}

std::uint64_t fingerprint_of(std::span<const Cell> cells) {
  Fingerprint print;
  for (const Cell& cell : cells)
    print.take(cell.id());
  return print.hash();
}

std::uint64_t fingerprint_of(const Expansion& all) {
  Fingerprint print;
  for (const Cell& cell : all.cells)
    print.take(cell.id());
  for (const MeasurePoint& point : all.measures)
    print.take(text_of(point));
  return print.hash();
}

}  // namespace daxbreak
