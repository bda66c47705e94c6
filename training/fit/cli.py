"""Lightning's command line with what all our runs share, whatever they train."""

from __future__ import annotations

import logging
import sys
import warnings
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lightning import LightningDataModule, LightningModule, Trainer
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch.callbacks import Callback, EarlyStopping, EMAWeightAveraging
from lightning.pytorch.cli import LightningArgumentParser, LightningCLI
from lightning.pytorch.loggers import TensorBoardLogger

from models.errors import ModelError
from training.fit.callbacks import (
    BestCheckpoint,
    LastCheckpoint,
    StepSeeds,
    StopsDiverged,
    ValidatesLastStep,
    figures_in_words,
    progress_callback,
    report,
)
from training.fit.checkpoints import (
    LOGS,
    AtomicCheckpointIO,
    EarlierRun,
    find_earlier_run,
)
from training.fit.endings import fit_errors_in_words
from training.fit.given import check_given_checkpoint, check_given_network
from training.fit.recipe import (
    RecipeParser,
    accept_moved_classes,
    check_end,
    check_ranges,
    check_same_recipe,
)
from training.number_types import BelowOne, NonNegativeFloat

NAMED_CHECKPOINTS = ("best", "last", "hpc")
"""Lightning's names for checkpoints of an earlier run in the same process; we never have one."""

NOISE = (
    # Intended: frozen batch norms.
    r"Found \d+ module\(s\) in eval mode",
    # Nothing that a recipe's author could act on.
    r"The '\w+_dataloader' does not have many workers",
    r"The number of training batches \(\d+\) is smaller than the logging interval",
    r"Checkpoint directory .* exists and is not empty",
    r"Be aware that when using `ckpt_path`",
    r".*deprecated.*",
)
"""Warnings of Lightning that are not shown, as regular expressions."""


class RunCLI(LightningCLI):
    """LightningCLI with the keys and callbacks of all runs, and what it checks before them."""

    earlier: EarlierRun | None = None

    def add_arguments_to_parser(self, parser: Any) -> None:
        """Add our own keys."""
        parser.add_argument(
            "--resume",
            type=bool,
            default=False,
            help="Resume the newest run under trainer.default_root_dir, if there is one.",
        )
        parser.add_argument(
            "--save_every_minutes",
            type=NonNegativeFloat,
            default=10.0,
            help="How much work a killed run may lose, in minutes.",
        )
        parser.add_argument(
            "--early_stopping",
            type=int | None,
            default=None,
            help="Stop after this many validations without a better accuracy.",
        )
        parser.add_argument(
            "--weight_average",
            type=BelowOne | None,
            default=None,
            help="Validate and save an exponential average of the weights, with this decay a step.",
        )
        self.link_arguments(parser)

    @abstractmethod
    def link_arguments(self, parser: Any) -> None:
        """Set the usual classes, and pass on to the data what it shares with the model."""

    @abstractmethod
    def described_model(self, config: Any) -> dict[str, Any]:
        """Return all fields of the recipe's model.

        Args:
            config: All keys of the recipe.

        Raises:
            ModelError: It is not valid.
        """

    def _parse_ckpt_path(self) -> None:
        """Ignore the checkpoint's hyperparameters, which are compared later instead."""

    def parse_arguments(self, parser: LightningArgumentParser, args: Any) -> None:
        """Parse, and reject what the types of the keys cannot reject in one sentence."""
        try:
            super().parse_arguments(parser, args)
        except UnicodeDecodeError:
            parser.error("The file given with --config is not a recipe: it is not UTF-8 text")
        config = self.config[self.config.subcommand]
        check_ranges(parser, config)
        if self.config.subcommand == "fit":
            check_end(parser, config.trainer)

    def before_instantiate_classes(self) -> None:
        """Check what to start from."""
        config = self.config[self.subcommand]
        try:
            fields = self.described_model(config)
        except ModelError as error:
            self.parser.error(str(error))
        if self.subcommand == "fit":
            self._find_earlier(config)
        else:
            config.verbose = False  # no table by Lightning; our own line follows
            self._check_network_given(config, fields)
        if config.ckpt_path is not None:
            self._check_checkpoint(config, fields)

    def _check_network_given(self, config: Any, fields: dict[str, Any]) -> None:
        """Reject an untrained network, or another than the recipe's, for validation."""
        if config.trainer.limit_val_batches == 0:
            self.parser.error("trainer.limit_val_batches must be above 0")
        given = config.model.initial_checkpoint
        if config.ckpt_path is None and given is None:
            self.parser.error(
                f"'{self.subcommand}' needs a network: give a checkpoint with --ckpt_path, or a "
                "bundle with --model.initial_checkpoint"
            )
        if config.ckpt_path is None:
            check_given_network(Path(given), fields)

    def _check_checkpoint(self, config: Any, fields: dict[str, Any]) -> None:
        if config.ckpt_path in ("", *NAMED_CHECKPOINTS):
            self.parser.error(f"ckpt_path must be a checkpoint file, not '{config.ckpt_path}'")
        path = Path(config.ckpt_path)
        to_resume = self.subcommand == "fit"
        check_given_checkpoint(path, fields, to_resume=to_resume)
        if to_resume and self.earlier is None:
            # Its optimizer and schedule resume too; those of another recipe would not fit.
            check_same_recipe(path.parent.parent, self._recipe(config))
        # The checkpoint has the weights; the files to start from may be gone.
        config.model.initial_weights = config.model.initial_checkpoint = None

    def _recipe(self, config: Any) -> str:
        """Return the resolved recipe as Lightning writes it."""
        return str(self._parser(self.subcommand).dump(config, skip_none=False))

    def _find_earlier(self, config: Any) -> None:
        """Find the run to resume, if the command asks for one."""
        if not config.resume:
            return
        if config.trainer.logger not in (None, True):
            raise ModelError("A run can resume only with the default trainer.logger.")
        self.earlier = find_earlier_run(Path(config.trainer.default_root_dir or "."))
        if self.earlier is None:
            return
        check_same_recipe(self.earlier.folder, self._recipe(config))
        if config.ckpt_path is None:
            config.ckpt_path = str(self.earlier.checkpoint)

    def instantiate_classes(self) -> None:
        """Build model, data and trainer; an error in one of them is an error in the recipe."""
        try:
            super().instantiate_classes()
        except (ValueError, MisconfigurationException) as error:
            self.parser.error(str(error))

    def instantiate_trainer(self, **kwargs: Any) -> Trainer:
        """Build the trainer with the callbacks of every run: checkpoints, seeds, progress."""
        config = self._get(self.config_init, "trainer")
        if self.subcommand != "fit":
            # Only fit leaves a run behind; another folder would hide the run to resume.
            kwargs["logger"] = config["logger"] or False
            self.save_config_callback = None
        if self.earlier is not None:
            root = config["default_root_dir"] or "."
            kwargs["logger"] = TensorBoardLogger(root, LOGS, self.earlier.version)
            # The run's folder already holds its recipe, as it was when the run began.
            self.save_config_callback = None
        if config["enable_progress_bar"] is None and not sys.stderr.isatty():
            kwargs["enable_progress_bar"] = False
        if config["enable_model_summary"] is None:
            kwargs["enable_model_summary"] = False
        kwargs["callbacks"] = [*(config["callbacks"] or []), *self._callbacks(config)]
        given = config["plugins"] or []
        kwargs["plugins"] = [*(given if isinstance(given, list) else [given]), AtomicCheckpointIO()]
        return super().instantiate_trainer(**kwargs)

    def after_fit(self) -> None:
        """Report if the run stopped early."""
        for stopping in self.trainer.early_stopping_callbacks:
            if stopping.stopped_epoch:
                report(
                    f"Stopped after epoch {stopping.stopped_epoch + 1}: {stopping.patience} "
                    "validations without a better accuracy."
                )

    def after_validate(self) -> None:
        """Print the figures."""
        report(", ".join(figures_in_words(self.trainer.callback_metrics, "val")), sys.stdout)

    def after_test(self) -> None:
        """Print the figures."""
        report(", ".join(figures_in_words(self.trainer.callback_metrics, "test")), sys.stdout)

    def _callbacks(self, trainer: Any) -> list[Callback]:
        callbacks: list[Callback] = [StepSeeds()]
        if trainer["enable_progress_bar"] is not False:
            callbacks.append(progress_callback())
        if self.subcommand != "fit":
            return callbacks
        callbacks += [StopsDiverged(), ValidatesLastStep()]
        decay = self._get(self.config_init, "weight_average")
        if decay is not None:
            callbacks.append(EMAWeightAveraging(decay=float(decay)))
        if trainer["enable_checkpointing"] is False:
            return callbacks
        patience = self._get(self.config_init, "early_stopping")
        if patience is not None:
            callbacks.append(EarlyStopping("val/accuracy", mode="max", patience=patience))
        callbacks.append(BestCheckpoint(resumes=self.earlier is not None))
        callbacks.append(LastCheckpoint(self._get(self.config_init, "save_every_minutes")))
        return callbacks


def run_cli(
    cli: type[RunCLI],
    module: type[LightningModule],
    data: type[LightningDataModule],
    arguments: Sequence[str] | None,
    usages: dict[str, str],
    parser: type[RecipeParser] = RecipeParser,
) -> None:
    """Run Lightning's command line.

    Curves, checkpoints and the resolved configuration go to `lightning_logs/version_N` under
    `trainer.default_root_dir`.

    Args:
        cli: What it knows of its recipes.
        module: What is trained.
        data: On what.
        arguments: One of Lightning's commands and its options; those of the process by default.
        usages: How each of these commands is called, for messages.
        parser: What reads the recipe.

    Raises:
        ModelError: The recipe does not fit the data or a checkpoint, or the run cannot be written.
    """
    for name in ("lightning.pytorch", "lightning.fabric"):
        # Notes about missing hardware and optional packages would hide what matters.
        logging.getLogger(name).setLevel(logging.WARNING)
    for message in NOISE:
        warnings.filterwarnings("ignore", message)
    with fit_errors_in_words():
        accept_moved_classes()
        cli(
            module,
            data,
            args=None if arguments is None else list(arguments),
            seed_everything_default=0,
            save_config_kwargs={"overwrite": True},
            # The module builds its own optimizer; Lightning's options would silently replace it.
            auto_configure_optimizers=False,
            parser_class=parser,
            parser_kwargs={command: {"usage": usage} for command, usage in usages.items()},
        )
