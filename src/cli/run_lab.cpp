// SPDX-License-Identifier: GPL-2.0
#include "cli/run_lab.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>

#include "lab/initramfs.h"
#include "lab/kernel_provide.h"

namespace daxbreak {
namespace {

double seconds_since(std::int64_t begun) {
  return static_cast<double>(now_ns() - begun) / 1e9;
}

Result<LabKernel> prepare(const KernelTask& task, const RunOptions& options,
                          const std::filesystem::path& configs, const Cache& cache,
                          const std::filesystem::path& folder, Collector& collector,
                          const std::stop_token& stop) {
  const TellStage tell = [&](std::string_view text) {
    // The lab says whose progress it is; the progress line says so too.
    const std::string whose = task.name + ": ";
    if (text.starts_with(whose)) text.remove_prefix(whose.size());
    collector.stage(task.name, std::string(text));
  };
  std::optional<std::filesystem::path> modules;
  if (!options.modules.empty()) modules = options.modules;
  auto image = task.source ? provide_kernel(*task.source, cache, tell, stop)
                           : custom_kernel(task.bzimage, modules);
  if (!image) return image.error();
  image->name = task.name;
  if (!image->note.empty()) collector.say(fmt::format("{}: {}", task.name, image->note));
  auto guest =
      build_initramfs(*image, {.program = "/proc/self/exe", .configs = configs, .fio = options.fio},
                      cache, tell, stop);
  if (!guest) return guest.error();
  if (!guest->missing_drivers.empty())
    collector.say(fmt::format("{}: this kernel lacks {}; what needs it is left out", task.name,
                              fmt::join(guest->missing_drivers, ", ")));
  LabKernel kernel{.image = std::move(*image),
                   .initrd = folder / (task.name + ".initrd"),
                   .cells = task.cells,
                   .append = task.source ? task.source->append : ""};
  if (auto joined = join_initrd(*guest, kernel.initrd); !joined) return joined.error();
  collector.stage(task.name, "ready");
  return kernel;
}

LabEvents events_to(Collector& collector, std::vector<Environment>& environments) {
  LabEvents events;
  events.note = [&](const std::string& sentence) { collector.say(sentence); };
  events.stage = [&](const std::string& kernel, const std::string& stage) {
    collector.stage(kernel, stage);
  };
  events.environment = [&](const Environment& environment) {
    collector.environment(environment);
    environments.push_back(environment);
  };
  events.trial_begin = [&](const std::string& kernel, const PlannedCell& planned) {
    collector.trial_begin(kernel, planned.index, planned.id());
  };
  events.trial_end = [&](const std::string& kernel, const TrialRecord& record) {
    collector.trial_end(kernel, record);
  };
  events.measure = [&](const MeasureRecord& record) { collector.measure(record); };
  events.census = [&](const CensusRecord& record) { collector.census(record); };
  events.incident = [&](const Incident& incident) { collector.incident(incident); };
  return events;
}

}  // namespace

MachineSize machine_size(const std::vector<KernelTask>& tasks) {
  MachineSize size;
  bool first = true;
  for (const KernelTask& task : tasks) {
    for (const Job& job : task.jobs) {
      size.nvdimms = first ? job.nvdimm_count : std::max(size.nvdimms, job.nvdimm_count);
      size.nvdimm_size = first ? job.nvdimm_size : std::max(size.nvdimm_size, job.nvdimm_size);
      first = false;
    }
    // Other kernels' machines have it too, and no use for it: it costs them nothing.
    for (const PlannedCell& one : task.cells)
      if (one.cell.filesystem == device_coherent_name) size.special_memory = true;
  }
  return size;
}

PreparedKernels prepare_kernels(const std::vector<KernelTask>& tasks, const RunOptions& options,
                                const std::filesystem::path& configs, const Cache& cache,
                                const std::filesystem::path& folder, Collector& collector,
                                const std::stop_token& stop) {
  std::vector<std::future<Result<LabKernel>>> pending;
  pending.reserve(tasks.size());
  for (const KernelTask& task : tasks)
    pending.push_back(std::async(std::launch::async, [&] {
      return prepare(task, options, configs, cache, folder, collector, stop);
    }));
  PreparedKernels prepared;
  for (std::size_t at = 0; at < tasks.size(); ++at) {
    auto kernel = pending[at].get();
    if (kernel) {
      prepared.kernels.push_back(std::move(*kernel));
      continue;
    }
    if (stop.stop_requested()) continue;  // it is not missing: nobody waited for it
    prepared.incidents.push_back({.kernel = tasks[at].name,
                                  .what = "missing",
                                  .sentence = kernel.error().message(),
                                  .console = {}});
    collector.stage(tasks[at].name, "missing");
    collector.incident(prepared.incidents.back());
  }
  return prepared;
}

Result<RunRecord> run_in_lab(const std::vector<KernelTask>& tasks, const RunOptions& options,
                             const std::filesystem::path& configs, const RunPurpose& purpose,
                             Collector& collector, std::stop_token stop) {
  // Before anything is downloaded for nothing.
  if (auto qemu = find_qemu(); !qemu) return qemu.error();
  const MachineSize size = machine_size(tasks);
  if (auto good = check_size(size); !good) return good.error();
  auto cache = Cache::open();
  if (!cache) return cache.error();
  auto folder = LabDirectory::make();
  if (!folder) return folder.error();

  for (const KernelTask& task : tasks)
    collector.expect(task.name, task.cells.size());
  const std::int64_t begun = now_ns();
  PreparedKernels prepared =
      prepare_kernels(tasks, options, configs, *cache, folder->path(), collector, stop);
  const double fetched = seconds_since(begun);

  RunRecord record;
  if (!prepared.kernels.empty() && !stop.stop_requested()) {
    std::vector<Environment> environments;
    LabOptions lab{.kernels = std::move(prepared.kernels),
                   .size = size,
                   .append = options.append,
                   .cache = cache->root(),
                   .events = events_to(collector, environments)};
    Nanos completion{};
    for (const KernelTask& task : tasks) {
      // Machines that share the processors would be measured, not kernels.
      if (std::any_of(task.cells.begin(), task.cells.end(),
                      [](const PlannedCell& one) { return one.measure.has_value(); }))
        lab.machines = 1;
      for (const Job& job : task.jobs) {
        lab.patience = std::max(lab.patience, job.patience);
        completion = std::max(completion, job.completion);
      }
      lab.plan.runtime = std::max(lab.plan.runtime, runtime_of(task.jobs));
    }
    lab.plan.census_states = purpose.states;
    if (completion > Nanos::zero()) lab.plan.gate_completion = completion;
    auto ran = run_lab(lab, stop);
    if (!ran) return ran.error();
    record = std::move(*ran);
  }
  record.phases["fetch"] = fetched;
  record.incidents.insert(record.incidents.begin(), prepared.incidents.begin(),
                          prepared.incidents.end());
  return record;
}

}  // namespace daxbreak
