"""The readers of this folder, in the order the import page shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ownership.importers.files.airflow import AirflowImporter
from ownership.importers.files.backstage import BackstageImporter
from ownership.importers.files.codeowners import CodeownersImporter
from ownership.importers.files.csv_file import CsvImporter
from ownership.importers.files.datahub import DatahubImporter
from ownership.importers.files.git_log import GitLogImporter
from ownership.importers.files.markdown import MarkdownImporter
from ownership.importers.files.odcs import OdcsImporter
from ownership.importers.files.openmetadata import OpenMetadataImporter
from ownership.importers.files.owner_history import OwnerHistoryImporter

if TYPE_CHECKING:
    from portal.core.importing.protocol import Importer

FILE_IMPORTERS: tuple[Importer, ...] = (
    AirflowImporter(),
    BackstageImporter(),
    CodeownersImporter(),
    CsvImporter(),
    DatahubImporter(),
    GitLogImporter(),
    MarkdownImporter(),
    OdcsImporter(),
    OpenMetadataImporter(),
    OwnerHistoryImporter(),
)
