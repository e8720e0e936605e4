"""``smfl`` itself: its commands, how it fails, and how it is interrupted.

Exit codes: 0 done; 2 the input or the call is wrong (one message, no traceback); 130 interrupted; 1 a bug, with its
traceback.
"""

from __future__ import annotations

import difflib
from typing import Any, NoReturn

import click

from smfl.apps.cli import corpora_command, corpus_commands, demo_command, model_commands
from smfl.apps.cli.options import with_example

WRONG_CALL, INTERRUPTED = 2, 130


class _Wrong(click.ClickException):
    """A `SmflError` on its way to the terminal."""

    exit_code = WRONG_CALL


class Smfl(click.Group):
    """A group whose wrong calls end with one message, and which knows what was probably meant."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; where there is none of this name, name the nearest."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and self.get_command(ctx, name) is None:
            near = difflib.get_close_matches(name, self.list_commands(ctx), n=1)
            hint = f" Did you mean '{near[0]}'?" if near else f" Commands: {', '.join(self.list_commands(ctx))}."
            raise click.UsageError(f"There is no command '{name}'.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which they are used, not the alphabet's."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what the user can mend is told in one message."""
        from smfl.interview.errors import SmflError

        try:
            return super().invoke(ctx)
        except SmflError as fault:
            raise _Wrong(str(fault)) from None
        except KeyboardInterrupt:
            click.echo(f"\nInterrupted. {_after(ctx.invoked_subcommand)}", err=True)
            raise click.exceptions.Exit(INTERRUPTED) from None


def _after(command: str | None) -> str:
    """What running an interrupted command again does."""
    if command == "train":
        return "Run the same command again: training starts anew; nothing was written."
    return "Run the same command again: it goes on where it was."


@click.group(cls=Smfl, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="smfl", prog_name="smfl")
@with_example
def cli() -> None:
    """Depression recognition from recorded interviews: face, voice and words, sentence by sentence.

    For research. Not a medical device: it neither diagnoses nor replaces anyone who does.

    Example:
      smfl demo                                  the whole way, on what is built in
      smfl prepare my-corpus --out prepared      then: describe, evaluate, train
      smfl predict model visit.mp4 --out report
    """


for _command in (
    demo_command.demo,
    corpus_commands.simulate,
    corpus_commands.prepare,
    corpus_commands.describe,
    model_commands.train,
    model_commands.evaluate,
    model_commands.predict,
    model_commands.report,
    model_commands.models,
    corpora_command.corpora,
    corpus_commands.encoders,
):
    cli.add_command(_command)


def main() -> NoReturn:
    """Run ``smfl`` with this process's arguments."""
    cli(prog_name="smfl")
    raise SystemExit(0)
