// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include <memory>

#include "cli/collector.h"
#include "cli/commands.h"
#include "cli/configs.h"
#include "cli/kernel_choice.h"
#include "cli/run_lab.h"
#include "cli/run_options.h"
#include "cli/say.h"
#include "lab/interrupt.h"

namespace daxbreak {
namespace {

/// A job that only says which kernels and how large the machines are.
Job job_for(const std::vector<std::string>& kernels) {
  Job job;
  job.name = "lab";
  if (!kernels.empty()) job.kernels = kernels;
  return job;
}

/// The lab's tools at hand: configuration, cache, kernels chosen.
struct Bench {
  std::filesystem::path configs;
  std::vector<KernelTask> tasks;
  std::optional<Cache> cache;
  std::optional<LabDirectory> folder;
};

Result<Bench> open_bench(const std::vector<std::string>& kernels) {
  Bench bench;
  auto configs = config_directory();
  if (!configs) return configs.error();
  bench.configs = *configs;
  auto catalogue = read_catalogue(bench.configs / "kernels");
  if (!catalogue) return catalogue.error();
  auto tasks = choose_kernels({job_for(files_to_paths(kernels, *catalogue))}, *catalogue);
  if (!tasks) return tasks.error();
  bench.tasks = std::move(*tasks);
  for (KernelTask& task : bench.tasks)
    task.cells.clear();
  auto cache = Cache::open();
  if (!cache) return cache.error();
  bench.cache.emplace(std::move(*cache));
  auto folder = LabDirectory::make();
  if (!folder) return folder.error();
  bench.folder.emplace(std::move(*folder));
  return bench;
}

Result<Collector> quiet_collector(bool quiet) {
  return Collector::open("", "", "", quiet);
}

int was_stopped() {
  complain("stopped before the kernels were ready");
  return exit_could_not_run;
}

int shell(const RunOptions& options) {
  if (auto qemu = find_qemu(); !qemu) return failed(qemu.error(), exit_could_not_run);
  auto interrupt = Interrupt::watch();
  if (!interrupt) return failed(interrupt.error(), exit_could_not_run);
  auto bench = open_bench(options.kernels);
  if (!bench) return failed(bench.error(), exit_usage);
  auto collector = quiet_collector(options.quiet);
  if (!collector) return failed(collector.error(), exit_could_not_run);
  auto prepared = prepare_kernels(bench->tasks, options, bench->configs, *bench->cache,
                                  bench->folder->path(), *collector, interrupt->token());
  static_cast<void>(collector->finish(0, {}));
  if (interrupt->token().stop_requested()) return was_stopped();
  if (prepared.kernels.empty()) return exit_could_not_run;  // the incident has been said
  LabOptions lab{.kernels = std::move(prepared.kernels),
                 .size = machine_size(bench->tasks),
                 .append = options.append,
                 .cache = bench->cache->root()};
  lab.events.note = [](const std::string& sentence) { complain(sentence); };
  auto status = lab_shell(lab, interrupt->token());
  if (!status) return failed(status.error(), exit_could_not_run);
  return *status == 0 ? exit_pass : exit_could_not_run;
}

int fetch(const RunOptions& options) {
  auto interrupt = Interrupt::watch();
  if (!interrupt) return failed(interrupt.error(), exit_could_not_run);
  auto bench = open_bench(options.kernels);
  if (!bench) return failed(bench.error(), exit_usage);
  auto collector = quiet_collector(options.quiet);
  if (!collector) return failed(collector.error(), exit_could_not_run);
  auto prepared = prepare_kernels(bench->tasks, options, bench->configs, *bench->cache,
                                  bench->folder->path(), *collector, interrupt->token());
  static_cast<void>(collector->finish(0, {}));
  if (interrupt->token().stop_requested()) return was_stopped();
  std::vector<std::vector<std::string>> rows;
  for (const LabKernel& kernel : prepared.kernels)
    rows.push_back(
        {kernel.image.name, kernel.image.release, kernel.image.version, kernel.image.origin});
  fmt::print("{}", columns(rows));
  return prepared.incidents.empty() ? exit_pass : exit_could_not_run;
}

int probe(const RunOptions& options) {
  if (auto qemu = find_qemu(); !qemu) return failed(qemu.error(), exit_could_not_run);
  auto interrupt = Interrupt::watch();
  if (!interrupt) return failed(interrupt.error(), exit_could_not_run);
  auto bench = open_bench(options.kernels);
  if (!bench) return failed(bench.error(), exit_usage);
  bench->tasks.resize(1);  // any stock kernel will do
  auto collector = quiet_collector(options.quiet);
  if (!collector) return failed(collector.error(), exit_could_not_run);
  auto prepared = prepare_kernels(bench->tasks, options, bench->configs, *bench->cache,
                                  bench->folder->path(), *collector, interrupt->token());
  static_cast<void>(collector->finish(0, {}));
  if (interrupt->token().stop_requested()) return was_stopped();
  if (prepared.kernels.empty()) return exit_could_not_run;
  forget_accelerator(bench->cache->root());
  auto found = probe_accelerator({.vmlinuz = prepared.kernels.front().image.vmlinuz,
                                  .temporary = bench->folder->path(),
                                  .cache = bench->cache->root()},
                                 interrupt->token());
  if (!found) return failed(found.error(), exit_could_not_run);
  fmt::print("{}: {}\n", found->name, found->why);
  return exit_pass;
}

}  // namespace

void add_lab(CLI::App& app, Action& action) {
  const auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("lab", "The virtual machines in which kernels are tested");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  daxbreak lab shell 6.1\n"
      "  daxbreak lab shell arch/x86/boot/bzImage --modules /tmp/mods\n"
      "  daxbreak lab fetch 5.10 6.12\n"
      "  daxbreak lab probe");

  CLI::App* shell_command = command->add_subcommand(
      "shell", "A root shell in a kernel, with DAX filesystems at /mnt/ext4 and /mnt/xfs");
  shell_command->add_option("KERNEL", options->kernels, "of the catalogue, or a bzImage's path")
      ->required()
      ->expected(1);
  shell_command->add_option("--modules", options->modules, "the modules of that bzImage")
      ->type_name("DIR");
  shell_command->add_option("--append", options->append, "more kernel parameters")
      ->type_name("STRING");
  shell_command->footer("Examples:\n  daxbreak lab shell 6.1\nLeave it with `exit`.");
  shell_command->callback([options, &action] { action = [options] { return shell(*options); }; });

  CLI::App* fetch_command =
      command->add_subcommand("fetch", "Fetch kernels now, so that a run need not");
  fetch_command->add_option("KERNEL", options->kernels, "names; without any, the default ones");
  fetch_command->add_flag("--quiet,-q", options->quiet, "no progress");
  fetch_command->footer("Examples:\n  daxbreak lab fetch\n  daxbreak lab fetch 5.10 6.12");
  fetch_command->callback([options, &action] { action = [options] { return fetch(*options); }; });

  CLI::App* probe_command = command->add_subcommand(
      "probe", "Find out anew whether KVM really runs a kernel here, or emulation is needed");
  probe_command->footer("Examples:\n  daxbreak lab probe");
  probe_command->callback([options, &action] { action = [options] { return probe(*options); }; });
}

}  // namespace daxbreak
