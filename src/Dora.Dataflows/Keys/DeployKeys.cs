// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Keys;

/// <summary>Where nodes run.</summary>
internal static class DeployKeys
{
    public static readonly KeySet Settings = new(
        "deploy",
        "deploy",
        new Key("machine", new TextShape(), "Machine to run on.")
        {
            NotYet = new("DF0903", "choosing a machine", "remove it: everything runs on this machine"),
        },
        new Key("labels", new MapShape(MapKeys.Text, "label", new ScalarShape()), "Labels that the machine must have.")
        {
            NotYet = new("DF0903", "choosing a machine by labels", "remove it: everything runs on this machine"),
        },
        new Key("working_dir", new TextShape(), "Folder in which the node runs; `working_directory` is the same."),
        new Key("distribute", new ChoiceShape(["local", "scp", "http"]), "How a built program reaches its machine: only `local`, that is not at all, so far.")
        {
            NotYet = new("DF0903", "copying programs to other machines", "remove it: everything runs on this machine", Except: "local"),
        });

    public static readonly Key Deploy = new("deploy", new KeysShape(Settings), "Where nodes run.") { OldName = new("_unstable_deploy", "DF0206") };
}
