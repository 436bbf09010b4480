"""Which rows of a damaged file belong to which table of which version."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from dbadmin.errors import UnknownVersionError
from dbadmin.salvage.canon import Canon, read_canon
from dbadmin.salvage.image import Image
from dbadmin.salvage.named import Named, read_named
from dbadmin.salvage.shape import Shape
from dbadmin.salvage.trees import Row, Tree, free_pages_of, grow_tree, rows_of, stray_trees
from dbadmin.salvage.trial import Trial
from dbadmin.salvage.version import declared_version
from dbadmin.schema.registry import Registry

# Less than half of the rows is no likeness.
_LIKENESS = 0.5


@dataclass(frozen=True)
class Claim:
    """A tree with the rows of a table; not `is_certain` when only the look of the rows says so."""

    shape: Shape
    tree: Tree
    is_certain: bool


@dataclass
class Collection:
    """What was found: claims by table, and trees that no table claims. `incomplete` tables have lost pages."""

    canon: Canon
    derived: frozenset[str]
    claims: dict[str, list[Claim]] = field(default_factory=dict)
    strays: list[Tree] = field(default_factory=list)

    @property
    def incomplete(self) -> list[str]:
        """The tables of which pages are missing, sorted: all of them, or some, so that what is left is in pieces."""
        return sorted(name for name in self.canon.shapes.keys() - self.derived if not self._is_complete(name))

    def _is_complete(self, table: str) -> bool:
        claims = self.claims.get(table, [])
        return len(claims) == 1 and claims[0].tree.is_whole


def collect(image: Image, registry: Registry) -> Collection:
    """All rows of the version that the file declares, or else of the one that most of them fit.

    Raises UnknownVersionError when it declares one that the registry does not have.
    """
    free, taken = free_pages_of(image), set[int]()
    named = read_named(image, free, taken)
    version = declared_version(image, named, registry, free)
    if version is not None and version not in registry.versions:
        raise UnknownVersionError(f"The file is of version {version}; the registry has 1 to {registry.latest}.")
    versions = registry.versions if version is None else (version,)
    found = []
    for candidate in reversed(versions):
        with Trial(registry, read_canon(registry, candidate, image.page_size)) as trial:
            found.append(_assign(image, named, trial, free, set(taken)))
    return found[0] if len(found) == 1 else max(found, key=lambda collection: len(list(placed_rows(image, collection))))


def placed_rows(image: Image, collection: Collection) -> Iterator[Row]:
    """The rows that have a table of the version and do not follow from others."""
    for table in collection.canon.shapes.keys() - collection.derived:
        for claim in collection.claims.get(table, []):
            yield from _rows(image, claim.tree)


def _assign(image: Image, named: Named, trial: Trial, free: set[int], taken: set[int]) -> Collection:
    """Give each tree to a table: by the file's schema, by where a new file has its roots, at last by its rows.

    A free page that a table's tree leads to counts as the table's: one of the two is damaged, and this loses nothing.
    """
    collection = Collection(trial.canon, trial.canon.derived | named.derived)
    for table, (shape, root) in named.tables.items():
        _claim(collection, table, Claim(shape, grow_tree(image, root, taken), is_certain=True))
    if not named.is_whole:
        _claim_expected_roots(image, collection, trial, free, taken)
    for tree in stray_trees(image, taken | free):
        _claim_by_likeness(image, collection, tree, trial)
    return collection


def _claim(collection: Collection, table: str, claim: Claim) -> None:
    collection.claims.setdefault(table, []).append(claim)


def _claim_expected_roots(image: Image, collection: Collection, trial: Trial, free: set[int], taken: set[int]) -> None:
    """Claim the trees at the pages where the version's own DDL puts the tables' roots, if the file has them there.

    One root with rows that are not its table's shows that the file came to its version in another way: none counts.
    """
    expected, tried = {}, set(taken)
    for table in [name for name in trial.canon.shapes if name not in collection.claims]:
        root = trial.canon.roots[table]
        tree = grow_tree(image, root, tried) if root not in free else Tree(root, is_whole=False)
        rows = _rows(image, tree)
        if rows and trial.share(trial.canon.shapes[table], rows) <= _LIKENESS:
            return
        if rows or tree.is_whole:
            expected[table] = tree
    taken |= tried
    for table, tree in expected.items():
        _claim(collection, table, Claim(trial.canon.shapes[table], tree, is_certain=True))


def _claim_by_likeness(image: Image, collection: Collection, tree: Tree, trial: Trial) -> None:
    """Give a tree that hangs on nothing to the table, of those with pages missing, that its rows are most like."""
    rows = _rows(image, tree)
    likenesses = [
        (trial.share(shape, rows), shape.demands, table)
        for table, shape in collection.canon.shapes.items()
        if not any(claim.is_certain and claim.tree.is_whole for claim in collection.claims.get(table, []))
    ]
    share, _, table = max(likenesses, default=(0.0, 0, ""))
    if share > _LIKENESS:
        _claim(collection, table, Claim(collection.canon.shapes[table], tree, is_certain=False))
    elif rows:
        collection.strays.append(tree)


def _rows(image: Image, tree: Tree) -> list[Row]:
    return [row for row in rows_of(image, tree) if row]
