// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include <memory>

#include "base/units.h"
#include "cli/commands.h"
#include "cli/say.h"
#include "pmem/mount.h"
#include "pmem/namespaces.h"
#include "result/stream.h"

namespace daxbreak {
namespace {

struct Options {
  NamespaceRequest request;
  std::string alignment = "2m";
  std::string filesystem;
  bool json = false;
};

Json to_row(const Namespace& space) {
  return {{"name", space.name},           {"region", space.region},
          {"mode", space.mode},           {"block", space.block},
          {"character", space.character}, {"size", space.size},
          {"alignment", space.alignment}, {"first_frame", space.frames.first},
          {"frames", space.frames.count}, {"holder", space.holder},
          {"content", space.content}};
}

int list_provisions(bool json) {
  auto regions = list_regions();
  if (!regions) return failed(regions.error(), exit_could_not_run);
  auto spaces = list_namespaces();
  if (!spaces) return failed(spaces.error(), exit_could_not_run);
  if (json) {
    Json all{{"regions", Json::array()}, {"namespaces", Json::array()}};
    for (const Region& region : *regions)
      all["regions"].push_back({{"name", region.name},
                                {"size", region.size},
                                {"available", region.available},
                                {"persistence", region.persistence},
                                {"numa_node", region.numa_node}});
    for (const Namespace& space : *spaces)
      all["namespaces"].push_back(to_row(space));
    fmt::print("{}\n", all.dump(2));
    return exit_pass;
  }
  if (regions->empty()) {
    fmt::print("This machine has no persistent memory region.\n");
    return exit_pass;
  }
  std::vector<std::vector<std::string>> rows{{"region", "size", "free", "persistence", "node"}};
  for (const Region& region : *regions)
    rows.push_back({region.name, format_size(region.size), format_size(region.available),
                    region.persistence, std::to_string(region.numa_node)});
  fmt::print("{}", columns(rows));
  rows = {{"namespace", "mode", "device", "size", "align", "in use", "content"}};
  for (const Namespace& space : *spaces)
    rows.push_back({space.name, space.mode, space.block.empty() ? space.character : space.block,
                    format_size(space.size), format_size(space.alignment),
                    space.holder.empty() ? "-" : space.holder,
                    space.content.empty() ? "-" : space.content});
  fmt::print("\n{}", columns(rows));
  return exit_pass;
}

int create(Options options) {
  auto alignment = parse_size(options.alignment);
  if (!alignment) return failed(Error{"--align: " + alignment.error().message()}, exit_usage);
  constexpr std::uint64_t kib = 1024;
  if (*alignment != 4 * kib && *alignment != 2 * kib * kib && *alignment != kib * kib * kib)
    return failed(
        Error{fmt::format("--align={} makes no sense; it is 4k, 2m or 1g", options.alignment)},
        exit_usage);
  if (!options.filesystem.empty() && options.request.mode != "fsdax")
    return failed(Error{"--filesystem needs --mode=fsdax: a devdax namespace has no block device"},
                  exit_usage);
  options.request.alignment = *alignment;
  auto space = configure_namespace(options.request);
  if (!space) return failed(space.error(), exit_could_not_run);
  if (!options.filesystem.empty()) {
    if (auto made = make_filesystem(space->block, options.filesystem); !made)
      return failed(made.error(), exit_could_not_run);
    space->content = options.filesystem;
  }
  if (options.json) {
    fmt::print("{}\n", to_row(*space).dump(2));
  } else {
    const std::string& device = space->block.empty() ? space->character : space->block;
    fmt::print("{} is {} now: {}, {} in pages of {}\n", space->name, space->mode, device,
               format_size(space->size), format_size(space->alignment));
    if (!options.filesystem.empty())
      fmt::print("It carries an empty {}; mount it with: mount -o dax=always {} DIR\n",
                 options.filesystem, device);
  }
  return exit_pass;
}

}  // namespace

void add_provision(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("provision", "Persistent memory regions and namespaces of this machine");
  command->require_subcommand(1);

  CLI::App* list = command->add_subcommand("list", "Show regions and namespaces");
  list->add_flag("--json", options->json, "one JSON object");
  list->callback(
      [options, &action] { action = [options] { return list_provisions(options->json); }; });

  CLI::App* make = command->add_subcommand(
      "create", "Turn a namespace into fsdax or devdax. DESTROYS what is on it");
  make->add_option("NAMESPACE", options->request.name, "its name, as in \"namespace0.0\"")
      ->required();
  make->add_option("--mode", options->request.mode, "fsdax or devdax")
      ->check(CLI::IsMember({"fsdax", "devdax"}))
      ->capture_default_str();
  make->add_option("--align", options->alignment, "4k, 2m or 1g")->capture_default_str();
  make->add_option("--filesystem", options->filesystem, "make this filesystem on it")
      ->check(CLI::IsMember({"ext4", "xfs"}));
  make->add_flag("--force", options->request.force, "even if it carries a filesystem");
  make->add_flag("--json", options->json, "one JSON object");
  make->footer(
      "Examples:\n"
      "  daxbreak provision create namespace0.0 --mode=fsdax --filesystem=xfs\n"
      "A namespace that is mounted or claimed is refused; one that carries a filesystem too,\n"
      "unless --force is given.");
  make->callback([options, &action] { action = [options] { return create(*options); }; });
  command->footer(
      "Examples:\n"
      "  daxbreak provision list\n"
      "  daxbreak provision create namespace0.0 --mode=devdax --align=2m");
}

}  // namespace daxbreak
