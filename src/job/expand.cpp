// SPDX-License-Identifier: GPL-2.0
#include "job/expand.h"

#include <algorithm>
#include <set>

#include "workloads/disturber/disturber.h"

namespace daxbreak {
namespace {

bool frees_early(const std::string& disturber) {
  const DisturberKind* kind = DisturberRegistry::find(disturber);
  return kind != nullptr && kind->unmaps;
}

std::vector<Cell> cells_of(const Job& job, const std::string& kernel) {
  std::vector<std::string> disturbers = job.disturbers;
  std::stable_partition(disturbers.begin(), disturbers.end(),
                        [](const std::string& name) { return !frees_early(name); });
  std::vector<Cell> cells;
  for (const std::string& disturber : disturbers)
    for (const std::uint64_t page_size : job.page_sizes)
      for (const std::string& filesystem : job.filesystems)
        for (const std::string& breaker : job.breakers)
          for (const std::string& gate : job.gates)
            for (const std::string& pin : job.pins)
              cells.push_back({.kernel = kernel,
                               .filesystem = filesystem,
                               .page_size = page_size,
                               .pin = pin,
                               .breaker = breaker,
                               .disturber = disturber,
                               .gate = gate});
  return cells;
}

}  // namespace

std::vector<Cell> expand(std::span<const Job> jobs, const std::string& kernel) {
  std::vector<Cell> all;
  unsigned rounds = 0;
  for (const Job& job : jobs)
    rounds = std::max(rounds, job.repeat);
  for (unsigned round = 0; round < rounds; ++round) {
    std::set<Cell> seen;
    for (const Job& job : jobs) {
      if (round >= job.repeat) continue;
      for (Cell& cell : cells_of(job, kernel))
        if (seen.insert(cell).second) all.push_back(std::move(cell));
    }
  }
  return all;
}

}  // namespace daxbreak
