"""Which rows of a damaged file belong to which table of which version."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from dbadmin.errors import UnknownVersionError
from dbadmin.salvage.canon import Canon, read_canon
from dbadmin.salvage.image import Image
from dbadmin.salvage.named import Named, read_named
from dbadmin.salvage.shape import Shape
from dbadmin.salvage.trees import (
    Row,
    Tree,
    free_pages_of,
    grow_tree,
    readable_rows,
    sample_rows,
    stray_trees,
    take_overflows,
)
from dbadmin.salvage.trial import Trial
from dbadmin.salvage.version import declared_version
from dbadmin.schema.registry import Registry

# Less than half of the rows is no likeness.
_LIKENESS = 0.5


@dataclass(frozen=True)
class Claim:
    """A tree with the rows of a table; not `is_certain` when only the look of the rows says so.

    `is_named` when the file's own schema leads to it.
    """

    shape: Shape
    tree: Tree
    is_certain: bool
    is_named: bool = False


@dataclass
class Collection:
    """What was found: claims by table or index, and trees that none claims, with the reason.

    `incomplete` tables have lost pages.
    """

    canon: Canon
    derived: frozenset[str]
    claims: dict[str, list[Claim]] = field(default_factory=dict)
    strays: list[tuple[Tree, str]] = field(default_factory=list)

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
    if len(found) == 1:
        return found[0]
    return max(found, key=lambda collection: sum(1 for _ in placed_rows(image, collection)))


def placed_rows(image: Image, collection: Collection) -> Iterator[Row]:
    """The rows that have a table of the version and do not follow from others."""
    for table in collection.canon.shapes.keys() - collection.derived:
        for claim in collection.claims.get(table, []):
            yield from readable_rows(image, claim.tree)


def _assign(image: Image, named: Named, trial: Trial, free: set[int], taken: set[int]) -> Collection:
    """Give each tree to a table: by the file's schema, by where a new file has its roots, at last by its rows.

    A free page that a table's tree leads to counts as the table's: one of the two is damaged, and this loses nothing.
    """
    collection = Collection(trial.canon, trial.canon.derived | named.derived)
    for table, (shape, root) in named.tables.items():
        tree = _tree_of(image, shape, root, taken)
        take_overflows(image, tree)
        _claim(collection, table, Claim(shape, tree, is_certain=True, is_named=True))
    if not named.is_whole:
        _claim_expected_roots(image, collection, trial, free, taken)
    for tree in stray_trees(image, taken | free):
        _claim_by_likeness(image, collection, tree, trial)
    return collection


def _tree_of(image: Image, shape: Shape, root: int, taken: set[int]) -> Tree:
    """The tree of a table or index under its root; only rows of index pages can be an index's, too."""
    return grow_tree(image, root, taken, in_index=shape.in_index, is_own=shape.may_have if shape.key else None)


def _claim(collection: Collection, table: str, claim: Claim) -> None:
    collection.claims.setdefault(table, []).append(claim)


def _claim_expected_roots(image: Image, collection: Collection, trial: Trial, free: set[int], taken: set[int]) -> None:
    """Claim the trees at the pages where the version's own DDL puts its roots, if the file has them there.

    One root with rows that are not its table's shows that the file came to its version in another way: none counts.
    An index may have been made anew since, and then be where a table was that its entries look like.
    """
    shapes = {name: shape for name, shape in trial.canon.shapes.items() if name not in collection.claims}
    found: dict[str, tuple[Tree, set[int], list[Row]]] = {}
    for name, shape in shapes.items():
        root, visited = trial.canon.roots[name], set(taken)
        is_free = root in free
        tree = Tree(root, is_whole=False) if is_free else _tree_of(image, shape, root, visited)
        rows = sample_rows(image, tree)
        is_like = not rows or trial.share(shape, rows) > _LIKENESS
        if not is_like and not shape.is_index:
            return
        if is_like and (rows or tree.is_whole):
            found[name] = tree, visited - taken, rows
    elsewhere = [shape for name, shape in shapes.items() if shape.is_index and name not in found]
    for name, (tree, pages, rows) in found.items():
        shape = shapes[name]
        if shape.key and any(trial.share(index, rows) > _LIKENESS for index in elsewhere):
            continue
        taken |= pages
        _claim(collection, name, Claim(shape, tree, is_certain=True))


def _claim_by_likeness(image: Image, collection: Collection, tree: Tree, trial: Trial) -> None:
    """Give a tree that hangs on nothing to the table or index, of those with pages missing, that it is most like.

    Rows that could be a table's as well as the entries of an index are given to neither.
    """
    rows, shapes = sample_rows(image, tree), collection.canon.shapes
    alike = [
        (share, shape.demands, name)
        for name, shape in shapes.items()
        if shape.in_index == tree.in_index
        and not any(claim.is_certain and claim.tree.is_whole for claim in collection.claims.get(name, []))
        and (share := trial.share(shape, rows)) > _LIKENESS
    ]
    if {name for *_, name in alike} - collection.derived and any(shapes[name].is_index for *_, name in alike):
        collection.strays.append((tree, "these may be rows of a table, or the entries of an index"))
    elif alike:
        name = max(alike)[-1]
        _claim(collection, name, Claim(shapes[name], tree, is_certain=False))
    else:
        # Also where none can be read: they are counted.
        collection.strays.append((tree, "no table has rows like this one"))
