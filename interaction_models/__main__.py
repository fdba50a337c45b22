"""python -m interaction_models build | check | parse | sample"""

from interaction_models.build import main

if __name__ == "__main__":
    main(prog_name="python -m interaction_models")
