// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "base/units.h"
#include "cli/collector.h"
#include "cli/commands.h"
#include "cli/configs.h"
#include "cli/kernel_choice.h"
#include "cli/run_lab.h"
#include "cli/run_options.h"
#include "cli/say.h"
#include "lab/exec.h"
#include "lab/interrupt.h"
#include "lab/kernel_catalogue.h"

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
  return Collector::open("", "", "", {}, quiet);
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

/// What `lab exec` exits with if the command did not end by itself: as timeout(1) does, and a
/// status of our own.
enum ExecExit : int { exit_kernel_died = 4, exit_overdue = 124 };

struct ExecOptions {
  std::string kernel;
  std::vector<std::string> put;
  std::vector<std::string> words;
  std::string filesystem = "ext4";
  std::string timeout = "120s";
};

void print_bytes(std::string_view bytes, std::FILE* stream) {
  std::fwrite(bytes.data(), 1, bytes.size(), stream);
  std::fflush(stream);
}

Result<ExecCommand> exec_command(const ExecOptions& options) {
  auto limit = parse_time(options.timeout);
  if (!limit) return Error{"--timeout: " + limit.error().message()};
  ExecCommand command{
      .words = options.words,
      .put = {options.put.begin(), options.put.end()},
      .filesystem = options.filesystem,
      .limit = *limit,
      .output = [](std::string_view bytes) { print_bytes(bytes, stdout); },
      .error = [](std::string_view bytes) { print_bytes(bytes, stderr); },
  };
  // A program of this machine comes along. A bare word that is no file here is the guest's.
  const std::filesystem::path program = command.words.front();
  std::error_code code;
  if (std::filesystem::is_regular_file(program, code)) {
    command.put.push_back(program);
    command.words.front() = program.filename();
  }
  for (const std::filesystem::path& file : command.put)
    if (!std::filesystem::is_regular_file(file, code))
      return Error{"there is no file " + file.string()};
  return command;
}

int report_exec(const ExecResult& result) {
  if (result.end == ExecResult::End::exited) return result.status;
  const bool died = result.end == ExecResult::End::died;
  complain(died ? "the kernel died; its last words:"
                : "the command did not end in time; the console's last lines:");
  for (const std::string& line : result.console)
    fmt::print(stderr, "  {}\n", line);
  return died ? exit_kernel_died : exit_overdue;
}

int exec(const RunOptions& options, const ExecOptions& wanted) {
  if (auto qemu = find_qemu(); !qemu) return failed(qemu.error(), exit_could_not_run);
  auto command = exec_command(wanted);
  if (!command) return failed(command.error(), exit_usage);
  auto interrupt = Interrupt::watch();
  if (!interrupt) return failed(interrupt.error(), exit_could_not_run);
  auto bench = open_bench({wanted.kernel});
  if (!bench) return failed(bench.error(), exit_usage);
  auto collector = quiet_collector(options.quiet);
  if (!collector) return failed(collector.error(), exit_could_not_run);
  auto prepared = prepare_kernels(bench->tasks, options, bench->configs, *bench->cache,
                                  bench->folder->path(), *collector, interrupt->token());
  static_cast<void>(collector->finish(0, {}));
  if (interrupt->token().stop_requested()) return was_stopped();
  if (prepared.kernels.empty()) return exit_could_not_run;
  LabOptions lab{.kernels = std::move(prepared.kernels),
                 .size = machine_size(bench->tasks),
                 .append = options.append,
                 .cache = bench->cache->root()};
  lab.events.note = [](const std::string& sentence) { complain(sentence); };
  auto result = lab_exec(lab, *command, interrupt->token());
  if (!result) return failed(result.error(), exit_could_not_run);
  return report_exec(*result);
}

/// Fetches and builds, and says what came of it.
int make_ready(const RunOptions& options, bool with_path) {
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
    rows.push_back({kernel.image.name, kernel.image.release, kernel.image.version,
                    with_path ? kernel.image.vmlinuz.string() : kernel.image.origin});
  fmt::print("{}", columns(rows));
  return prepared.incidents.empty() ? exit_pass : exit_could_not_run;
}

int fetch(const RunOptions& options) {
  return make_ready(options, false);
}

/// The names given, or all there are, as long as they are of kernels to build.
Result<std::vector<std::string>> names_to_build(const std::vector<std::string>& given) {
  auto configs = config_directory();
  if (!configs) return configs.error();
  auto catalogue = read_catalogue(*configs / "kernels");
  if (!catalogue) return catalogue.error();
  for (const std::string& name : given) {
    auto kernel = find_kernel(*catalogue, name);
    if (!kernel) return kernel.error();
    if (!kernel->built())
      return Error{fmt::format("{} is not built but fetched: daxbreak lab fetch {}", name, name)};
  }
  if (!given.empty()) return given;
  std::vector<std::string> names;
  for (const KernelSource& kernel : *catalogue)
    if (kernel.built()) names.push_back(kernel.name);
  if (names.empty())
    return Error{fmt::format("no kernel in {} has a `source` to build it of",
                             (*configs / "kernels").string())};
  return names;
}

int build(RunOptions options) {
  auto names = names_to_build(options.kernels);
  if (!names) return failed(names.error(), exit_usage);
  options.kernels = std::move(*names);
  return make_ready(options, true);
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
      "  daxbreak lab exec 6.1 -- ./repro .\n"
      "  daxbreak lab fetch 5.10 6.12\n"
      "  daxbreak lab build map-counted\n"
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

  const auto wanted = std::make_shared<ExecOptions>();
  CLI::App* exec_command =
      command->add_subcommand("exec", "Run one command in a kernel, in a DAX filesystem");
  // A string: a list would take the COMMAND's first word too.
  exec_command->add_option("KERNEL", wanted->kernel, "of the catalogue, or a bzImage's path")
      ->required();
  exec_command
      ->add_option("COMMAND", wanted->words,
                   "after --; a program of this machine is copied into the guest")
      ->required();
  exec_command->add_option("--put", wanted->put, "a file to copy to /put in the guest, on PATH")
      ->type_name("FILE")
      ->take_all()
      ->allow_extra_args(false);
  exec_command->add_option("--filesystem", wanted->filesystem, "in which the command begins")
      ->check(CLI::IsMember({"ext4", "xfs"}))
      ->capture_default_str();
  exec_command->add_option("--timeout", wanted->timeout, "how long the command may take")
      ->type_name("TIME")
      ->capture_default_str();
  exec_command->add_option("--modules", options->modules, "the modules of that bzImage")
      ->type_name("DIR");
  exec_command->add_option("--append", options->append, "more kernel parameters")
      ->type_name("STRING");
  exec_command->add_flag("--quiet,-q", options->quiet, "no progress");
  exec_command->footer(
      "Examples:\n"
      "  daxbreak lab exec 6.1 -- ./repro .\n"
      "  daxbreak lab exec 6.12 --filesystem xfs --put fill --put repro -- sh -c 'fill && repro "
      ".'\n"
      "DAXBREAK_MOUNT is the filesystem's mount point, the working directory. Exit status: the\n"
      "command's; 4 the kernel died, 124 the command did not end in time, 3 could not run.");
  exec_command->callback([options, wanted, &action] {
    action = [options, wanted] { return exec(*options, *wanted); };
  });

  CLI::App* fetch_command =
      command->add_subcommand("fetch", "Fetch kernels now, so that a run need not");
  fetch_command->add_option("KERNEL", options->kernels, "names; without any, the default ones");
  fetch_command->add_flag("--quiet,-q", options->quiet, "no progress");
  fetch_command->footer("Examples:\n  daxbreak lab fetch\n  daxbreak lab fetch 5.10 6.12");
  fetch_command->callback([options, &action] { action = [options] { return fetch(*options); }; });

  CLI::App* build_command = command->add_subcommand(
      "build", "Build kernels of the catalogue that have a source, so that a run need not");
  build_command->add_option("KERNEL", options->kernels, "names; without any, all that are built");
  build_command->add_flag("--quiet,-q", options->quiet, "no progress");
  build_command->footer(
      "Examples:\n  daxbreak lab build\n  daxbreak lab build map-counted\n"
      "Prints name, release, version and the bzImage. A run that names such a kernel builds it "
      "too,\n"
      "if the cache has none of the same source, patches, configuration and compiler.");
  build_command->callback([options, &action] { action = [options] { return build(*options); }; });

  CLI::App* probe_command = command->add_subcommand(
      "probe", "Find out anew whether KVM really runs a kernel here, or emulation is needed");
  probe_command->footer("Examples:\n  daxbreak lab probe");
  probe_command->callback([options, &action] { action = [options] { return probe(*options); }; });
}

}  // namespace daxbreak
