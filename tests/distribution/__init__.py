"""What `./dev package` makes and judges: wheel, sdist, Debian package, bundle."""
